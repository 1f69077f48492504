// SPDX-License-Identifier: MIT

// The steps of an attempt, in their order, and what becomes of it when one of them is refused.

#include "tests/actors/worker/worker_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

TEST_CASE_METHOD(
    worker_fixture, "a conversion passes all its stages in order and is reported once"
) {
  const job j = conversion_job();
  peers->seen.clear();
  tell(worker, assign_atom_v, j);
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(peers->outcomes[0].result.image_id == picture_id_of(current_attempt(j)));
  std::vector<std::string> actions;
  std::ranges::copy_if(peers->seen, std::back_inserter(actions), [](const std::string& step) {
    return !step.starts_with("report") && !step.starts_with("left");
  });
  CHECK(
      actions
      == std::vector<std::string>{
          "record processing", "prepare person", "prepare garment", "open call", "generate", "settle call: none", "finish", "store", "record completed", "notify"}
  );
  CHECK(peers->reports.back().stage == job_stage::notifying);
  CHECK(std::ranges::is_sorted(peers->reports, {}, &job_progress::percent));
}

TEST_CASE_METHOD(worker_fixture, "the time of each stage is reported once, in order") {
  tell(worker, assign_atom_v, conversion_job());
  std::vector<std::string> left;
  std::ranges::copy_if(peers->seen, std::back_inserter(left), [](const std::string& step) {
    return step.starts_with("left");
  });
  CHECK(
      left
      == std::vector<std::string>{
          "left downloading", "left converting", "left processing", "left uploading",
          "left recording", "left notifying"}
  );
}

TEST_CASE_METHOD(worker_fixture, "person and garment reach the provider in the prompt's order") {
  tell(worker, assign_atom_v, conversion_job());
  REQUIRE(peers->generated.size() == 1);
  CHECK(peers->generated[0].images.size() == 2);
  CHECK(peers->generated[0].aspect_ratio == "3:4");
  CHECK(peers->generated[0].deadline > seconds{500});
}

TEST_CASE_METHOD(worker_fixture, "the result is compared with the inputs of its own attempt") {
  for (const int first : {1, 3}) {
    tell(worker, assign_atom_v, conversion_job());
    REQUIRE(peers->compared_with.size() == 2);
    CHECK(peers->compared_with[0].cells.front()[0] == first);
    CHECK(peers->compared_with[1].cells.front()[0] == first + 1);
  }
}

TEST_CASE_METHOD(worker_fixture, "nothing is sent to the provider that the ledger does not have") {
  peers->silent_at["open call"] = true;
  tell(worker, assign_atom_v, conversion_job());
  CHECK_FALSE(peers->has_seen("generate"));
}

TEST_CASE_METHOD(worker_fixture, "an answer settles the call, a silence does not") {
  peers->fail_at["generate"] = {error_class::safety_blocked, "as told", {}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(peers->has_seen("settle call: safety_blocked"));
  for (const error_class silence : {error_class::timeout, error_class::connection}) {
    *peers = peer_script{};
    peers->fail_at["generate"] = {silence, "as told", {}};
    tell(worker, assign_atom_v, conversion_job());
    CHECK(peers->has_seen("generate"));
    CHECK_FALSE(peers->has_seen("settle call: " + std::string{to_string(silence)}));
  }
}

TEST_CASE_METHOD(worker_fixture, "the conversion record carries the attempt's fencing token") {
  tell(worker, assign_atom_v, conversion_job(7));
  REQUIRE(peers->records.size() == 2);
  CHECK(peers->records[1].status == job_status::completed);
  CHECK(peers->records[1].attempt.token == fencing_token{7});
  CHECK(peers->records[1].result_image_id == peers->stored.at(0).id);
}

TEST_CASE_METHOD(
    worker_fixture, "an image_processing job needs neither provider nor conversion record"
) {
  job j = conversion_job();
  j.request.type = job_type::image_processing;
  j.request.payload.image_id = "picture";
  tell(worker, assign_atom_v, j);
  CHECK(peers->has_seen("transform picture"));
  CHECK_FALSE(peers->has_seen("generate"));
  CHECK(peers->records.empty());
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::completed);
}

TEST_CASE_METHOD(
    worker_fixture, "a failure in any stage ends the attempt with that failure's class"
) {
  for (const std::string step :
       {"record processing", "prepare person", "prepare garment", "open call", "generate", "finish",
        "report recording"}) {
    INFO(step);
    *peers = peer_script{};
    peers->fail_at[step] = {error_class::server_error, "as told", seconds{3}};
    tell(worker, assign_atom_v, conversion_job());
    REQUIRE(peers->outcomes.size() == 1);
    CHECK(peers->outcomes[0].kind == attempt_outcome_kind::failed);
    CHECK(peers->outcomes[0].error.kind == error_class::server_error);
    CHECK(peers->outcomes[0].error.retry_after == seconds{3});
    // What was stored for nothing does not stay behind.
    CHECK(peers->has_seen("remove") == (step == "report recording"));
  }
}

TEST_CASE_METHOD(worker_fixture, "a picture that is not paid for does not wait to be taken") {
  job j = conversion_job();
  j.request.type = job_type::image_processing;
  peers->fail_at["store"] = {error_class::invalid_input, "no such user", {}};
  tell(worker, assign_atom_v, j);
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].error.kind == error_class::invalid_input);
}

TEST_CASE_METHOD(
    worker_fixture, "a notification that cannot be handed over does not fail the job"
) {
  peers->fail_at["notify"] = {error_class::unavailable, "away", {}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(peers->outcomes.at(0).kind == attempt_outcome_kind::completed);
}

TEST_CASE_METHOD(worker_fixture, "a picture that was made waits for what is away") {
  const std::string step = GENERATE("finish", "store", "report recording", "record completed");
  const error_class kind = GENERATE(error_class::unavailable, error_class::store_full);
  INFO(step);
  peers->fail_at[step] = {kind, "away", {}};
  tell(worker, assign_atom_v, conversion_job());
  advance(seconds{60}, seconds{1});
  CHECK(peers->outcomes.empty());
  peers->fail_at.clear();
  advance(seconds{1});
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(peers->generated.size() == 1);
  CHECK_FALSE(peers->has_seen("remove"));
}

TEST_CASE_METHOD(
    worker_fixture, "a picture that was paid for waits until what refuses it is mended"
) {
  const std::string step = GENERATE("store", "record completed");
  const error_class kind = GENERATE(
      error_class::invalid_input, error_class::permission, error_class::authentication,
      error_class::internal_bug
  );
  INFO(step);
  peers->fail_at[step] = {kind, "a rule says no", {}};
  tell(worker, assign_atom_v, conversion_job());
  advance(seconds{60}, seconds{1});
  CHECK(peers->outcomes.empty());
  CHECK(std::ranges::count(peers->seen, step) <= 7);
  peers->fail_at.clear();
  advance(seconds{10}, seconds{1});
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(peers->generated.size() == 1);
  CHECK_FALSE(peers->has_seen("remove"));
}

TEST_CASE_METHOD(
    worker_fixture, "a picture that no store has taken in time ends its job, and is not made again"
) {
  const std::string step = GENERATE("store", "record completed");
  peers->fail_at[step] = {error_class::invalid_input, "a rule says no", {}};
  job j = conversion_job();
  j.request.timeout = seconds{60};
  tell(worker, assign_atom_v, j);
  advance(seconds{61}, seconds{1});
  REQUIRE(peers->outcomes.size() == 1);
  const failure& error = peers->outcomes[0].error;
  CHECK(error.kind == error_class::invalid_input);
  CHECK_FALSE(is_retryable(error.kind));
  CHECK_THAT(error.message, Catch::Contains("a rule says no"));
  CHECK_FALSE(peers->has_seen("remove"));
  // What is stored can be found.
  const bool is_named = error.message.find(peers->stored.at(0).id) != std::string::npos;
  CHECK(is_named == (step == "record completed"));
}

TEST_CASE_METHOD(worker_fixture, "a record that is another attempt's ends this one at once") {
  peers->fail_at["record completed"] = {error_class::conflict, "newer", {}};
  tell(worker, assign_atom_v, conversion_job());
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].error.kind == error_class::conflict);
  CHECK(peers->has_seen("remove"));
}

TEST_CASE_METHOD(
    worker_fixture, "before there is a picture, a store that is away ends the attempt"
) {
  const std::string step = GENERATE("record processing", "prepare person");
  peers->fail_at[step] = {error_class::unavailable, "away", {}};
  tell(worker, assign_atom_v, conversion_job());
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].error.kind == error_class::unavailable);
  CHECK(peers->generated.empty());
}

TEST_CASE_METHOD(
    worker_fixture, "a result that an earlier attempt has recorded is not made and paid for again"
) {
  const job j = conversion_job(2);
  peers->fail_at["record processing"] = {error_class::conflict, "final", {}};
  peers->recorded.status = job_status::completed;
  peers->recorded.attempt = {j.id, fencing_token{1}};
  peers->recorded.result_image_id = "made-before";
  tell(worker, assign_atom_v, j);
  REQUIRE(peers->outcomes.size() == 1);
  CHECK(peers->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(peers->outcomes[0].result.image_id == "made-before");
  CHECK(peers->outcomes[0].result.width == 77);
  CHECK(peers->generated.empty());
}

TEST_CASE_METHOD(worker_fixture, "a conversion that belongs to another job is left alone") {
  peers->fail_at["record processing"] = {error_class::conflict, "taken", {}};
  tell(worker, assign_atom_v, conversion_job());
  const failure& error = peers->outcomes.at(0).error;
  CHECK(error.kind == error_class::conflict);
  CHECK_THAT(error.message, Catch::Contains("has gone on with job"));
  CHECK(peers->generated.empty());
}
