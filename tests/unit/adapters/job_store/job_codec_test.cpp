// SPDX-License-Identifier: MIT
#include "adapters/job_store/job_codec.hpp"

#include "messages/base/text.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

namespace {

job full_job() {
  const timestamp start{milliseconds{1'800'000'000'123}};
  job j;
  j.id.value.bytes = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 255};
  j.request.type = job_type::image_processing;
  j.request.conversion_id = "conversion";
  j.request.user_id = "ann";
  j.request.priority = 20;
  j.request.payload = {
      "photo",
      "coat",
      {"casual", "high", "blåtöne", "3:4", "webp", true},
      "image",
      {{image_operation::kind::resize, 640, 0, image_operation::fit_mode::fill, 0, {}, 80}}};
  j.request.run_at = start;
  j.request.max_retries = 3;
  j.request.timeout = milliseconds{600'000};
  j.request.idempotency_key = std::string("k\0y", 3);
  j.request.webhook_url = "https://hooks.example.com/a";
  j.request.urgency = job_urgency::low;
  j.status = job_status::failed;
  j.token = fencing_token{std::numeric_limits<std::uint64_t>::max()};
  j.failures = 4;
  j.interruptions = 5;
  j.crashes = 6;
  j.possibly_billed = true;
  j.error = {error_class::rate_limited, std::string(300, 'x'), milliseconds{34'400}};
  j.progress = {job_stage::uploading, 85};
  j.attempts = {
      {fencing_token{1}, "w1", start, start, j.error, {{job_stage::downloading, start}}},
      {fencing_token{2}, "w2", start, {}, {}}};
  j.result = {"result", 1'024, 1'365, "image/webp", 1ULL << 40U, true, "model"};
  j.worker_id = "w2";
  j.due_at = timestamp{milliseconds{-1}};
  j.lease_expires_at = timestamp::max();
  j.created_at = start;
  j.updated_at = start;
  j.started_at = start;
  j.completed_at = timestamp::min();
  j.calls = {{fencing_token{1}, call_state::settled, start, start, error_class::timeout}, {}};
  j.ambiguous_calls = 7;
  return j;
}

TEST_CASE("a job is the same after it was stored") {
  const auto read = decode_job(encode_job(full_job()));
  REQUIRE(read);
  CHECK(*read == full_job());
  CHECK(*decode_job(encode_job(job{})) == job{});
}

TEST_CASE("bytes that are cut off anywhere are no job, and never read beyond their end") {
  const std::string bytes = encode_job(full_job());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    CHECK_FALSE(decode_job(cut));
  }
}

TEST_CASE("bytes of another format are no job") {
  std::string bytes = encode_job(full_job());
  bytes[0] = 2;
  CHECK(decode_job(bytes).error().kind == error_class::internal_bug);
}

TEST_CASE("fields that an older version did not know have their defaults") {
  // The version, the length of the struct, and an id: what a version knew that had only the id.
  std::string bytes{"\x01\x11\x10", 3};
  bytes += std::string(16, 'a');
  const auto read = decode_job(bytes);
  REQUIRE(read);
  CHECK(read->id.value.bytes[0] == 'a');
  CHECK(read->status == job_status::pending);
  CHECK(read->request == job_request{});
}

TEST_CASE("fields that a newer version has appended are skipped") {
  job j;
  j.id.value.bytes.fill('i');
  std::string bytes = encode_job(j);
  REQUIRE(static_cast<unsigned char>(bytes[1]) < 0x7D);
  bytes[1] = static_cast<char>(bytes[1] + 3);
  bytes += "new";
  const auto read = decode_job(bytes);
  REQUIRE(read);
  CHECK(*read == j);
}

std::string to_hex(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return text;
}

std::string from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 2);
  REQUIRE(parse_hex(text, bytes));
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("the stored form does not change by accident") {
  // Whoever changes it must still be able to read this, or raise the format's version.
  job j;
  j.id.value.bytes.fill('i');
  j.request.user_id = "ann";
  j.attempts = {{fencing_token{1}, "w1", timestamp{milliseconds{64}}, {}, {}}};
  CHECK(
      to_hex(encode_job(j))
      == "0140106969696969696969696969696969696911000003616e6e05000000000000000000000000000000"
         "000000010901027731800100000000000000000000000000"
  );
  // As it was before structs that are unset had no bytes,
  const std::string before_short_structs = from_hex(
      "015810696969696969696969696969696969691a000003616e6e050b000006000000000000000000000000"
      "00000000000000000003000000020000010c0102773180010003000000000700000000000000000000"
      "000000000000"
  );
  CHECK(*decode_job(before_short_structs) == j);
  // before attempts had stages,
  const std::string before_stages = from_hex(
      "015710696969696969696969696969696969691a000003616e6e050b000006000000000000000000000000"
      "00000000000000000003000000020000010b01027731800100030000000700000000000000000000"
      "000000000000"
  );
  CHECK(*decode_job(before_stages) == j);
  // requests web hooks and an urgency,
  const std::string before_hooks = from_hex(
      "0155106969696969696969696969696969696918000003616e6e050b00000600000000000000000000"
      "00000000000000000003000000020000010b01027731800100030000000700000000000000000000"
      "000000000000"
  );
  CHECK(*decode_job(before_hooks) == j);
  // and fingerprints.
  const std::string earlier = from_hex(
      "0154106969696969696969696969696969696917000003616e6e050b000006000000000000000000"
      "00000000000000000003000000020000010b01027731800100030000000700000000000000000000"
      "000000000000"
  );
  CHECK(*decode_job(earlier) == j);
}

}  // namespace

}  // namespace stayler::adapters
