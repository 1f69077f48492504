// SPDX-License-Identifier: MIT
#pragma once

// One value of each type that crosses to another process, with every field set to something that is
// not its default: a field that inspect() forgets is found by it.

#include "messages/protocol.hpp"
#include "tests/actors/fixture.hpp"

namespace stayler::test {

inline uuid sample_uuid(std::uint8_t seed) {
  uuid id;
  for (auto& byte : id.bytes) {
    byte = seed++;
  }
  return id;
}

inline timestamp time_at(int millis) {
  return base_date + milliseconds{millis};
}

inline const attempt_id sample_attempt{{sample_uuid(1)}, fencing_token{7}};
inline const failure sample_failure{error_class::rate_limited, "slow down", milliseconds{34'400}};

inline job_payload sample_payload() {
  const image_operation resize{
      image_operation::kind::resize,
      640,
      480,
      image_operation::fit_mode::cover,
      128,
      image_format::webp,
      77};
  return {
      "user-image",
      "cloth-image",
      {"casual", "high", "smile", "3:4", "png", true},
      "image",
      {resize, {}}};
}

inline trace_context sample_trace() {
  return {sample_uuid(4), 5, true, "vendor=6"};
}

inline type_pause sample_pause() {
  return {job_type::image_processing, time_at(3), time_at(4), "ops", "switching keys"};
}

inline job_request sample_request() {
  return {
      job_type::image_processing,
      "conversion",
      "user",
      20,
      sample_payload(),
      time_at(1),
      9,
      milliseconds{60'000},
      "key",
      "print",
      "https://hooks.example.com/a",
      job_urgency::low,
      sample_trace(),
      job_id{sample_uuid(11)}};
}

inline job_result sample_result() {
  return {"result-image", 768, 1'024, "image/png", 123'456, true, "v3"};
}

inline job sample_job() {
  job j;
  j.id = {sample_uuid(2)};
  j.request = sample_request();
  j.status = job_status::failed;
  j.token = fencing_token{12};
  j.failures = 3;
  j.interruptions = 4;
  j.crashes = 5;
  j.possibly_billed = true;
  j.error = sample_failure;
  j.progress = {job_stage::converting, 40};
  j.attempts = {{fencing_token{11}, "w1", time_at(2), time_at(3), sample_failure}, {}};
  j.result = sample_result();
  j.worker_id = "w2";
  j.due_at = time_at(4);
  j.lease_expires_at = time_at(5);
  j.created_at = time_at(6);
  j.updated_at = time_at(7);
  j.started_at = time_at(8);
  j.completed_at = time_at(9);
  j.calls = {
      {fencing_token{11}, call_state::ambiguous, time_at(2), time_at(3), error_class::timeout}};
  j.ambiguous_calls = 6;
  return j;
}

inline job_progress sample_progress() {
  return {job_stage::uploading, 80};
}

inline attempt_outcome sample_outcome() {
  return {attempt_outcome_kind::failed, sample_result(), sample_failure};
}

inline image_record sample_image_record() {
  return {"id", "user",      "result", "me.png", "images/id.png", "images/id-thumb.jpg",
          1,    "image/png", 2,        3,        "checksum",      time_at(4)};
}

inline conversion_update sample_conversion_update() {
  return {"conversion",   "user",   "user-image", "cloth-image",   job_status::completed,
          sample_attempt, "result", "error",      milliseconds{5}, time_at(6)};
}

inline notification sample_notification() {
  return {
      "event-id",
      "conversion.failed",
      time_at(1),
      {sample_uuid(7)},
      "conversion",
      "user",
      sample_result(),
      sample_failure,
      "https://hooks.example.com/a",
      {"NoWorkers", "none has joined", "host-1", time_at(2)},
      sample_trace()};
}

inline call_request sample_call_request() {
  return {sample_attempt, "u", 1, milliseconds{2}, true};
}

inline call_permit sample_call_permit() {
  return {"0123456789abcdef", "model"};
}

inline call_outcome sample_call_outcome() {
  return {sample_attempt, "u", true, sample_failure, {1, 2, 3, 4, 5}, true};
}

inline call_settlement sample_call_settlement() {
  return {error_class::timeout, 1, 2};
}

inline node_hello sample_hello() {
  return {
      "node",
      sample_uuid(8),
      "1.2.3",
      4,
      5,
      {job_type::image_processing},
      {{"worker-1", sample_attempt}, {}}};
}

inline node_welcome sample_welcome() {
  return {"host", milliseconds{1}, milliseconds{2}};
}

}  // namespace stayler::test
