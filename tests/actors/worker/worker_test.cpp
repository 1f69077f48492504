// SPDX-License-Identifier: MIT

// The worker's state machine: every stage in its order, and every way in which an attempt can end.

#include "actors/worker/worker.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::seconds;

namespace {

shared_bytes some_bytes(std::size_t size = 3) {
  return std::make_shared<std::vector<std::byte>>(size, std::byte{1});
}

/// What the fakes saw and what they are to answer.
struct script {
  std::vector<std::string> seen;
  std::map<std::string, failure> fail_at;  ///< by step
  std::map<std::string, bool> silent_at;   ///< never answers that step
  std::vector<attempt_outcome> outcomes;
  std::vector<failure> refuse_finish;  ///< answers to the first reports of an outcome
  std::vector<conversion_update> records;
  std::vector<notification> notifications;
  std::vector<new_image> stored;
  std::vector<generation_request> generated;
  std::uint8_t signatures = 0;
  std::vector<image_signature> compared_with;
  std::vector<job_progress> reports;
  int renewals = 0;
  failure refuse_renewal;
  conversion_update recorded;  ///< what the record says

  [[nodiscard]] bool has_seen(const std::string& step) const {
    return std::ranges::find(seen, step) != seen.end();
  }
};

using script_ptr = std::shared_ptr<script>;

/// Answers a step as the script says.
template <class T>
caf::result<T> play(
    caf::event_based_actor* self, const script_ptr& s, const std::string& step, T value
) {
  s->seen.push_back(step);
  if (s->silent_at.count(step) > 0) {
    return self->make_response_promise<T>();
  }
  if (s->fail_at.count(step) > 0) {
    return actors::to_error(s->fail_at[step]);
  }
  return value;
}

caf::behavior fake_queue(caf::event_based_actor* self, script_ptr s) {
  return {
      [s](join_atom, const std::string& id, const worker_actor&) {
        s->seen.push_back("join " + id);
      },
      [s](leave_atom, const std::string&) {
        s->seen.emplace_back("leave");
        return true;
      },
      [s](renew_atom, const attempt_id&) -> caf::result<unit_value> {
        ++s->renewals;
        if (s->refuse_renewal) {
          return actors::to_error(s->refuse_renewal);
        }
        return unit_value{};
      },
      [self, s](open_call_atom, const attempt_id&) {
        return play(self, s, "open call", unit_value{});
      },
      [self, s](settle_call_atom, const attempt_id&, const call_settlement& settlement) {
        return play(
            self, s, "settle call: " + std::string{to_string(settlement.outcome)}, unit_value{}
        );
      },
      [self, s](report_atom, const attempt_id&, const job_progress& progress) {
        s->reports.push_back(progress);
        return play(self, s, "report " + std::string{to_string(progress.stage)}, unit_value{});
      },
      [s](finish_atom, const attempt_id&,
          const attempt_outcome& outcome) -> caf::result<unit_value> {
        s->outcomes.push_back(outcome);
        if (!s->refuse_finish.empty()) {
          const failure refused = s->refuse_finish.front();
          s->refuse_finish.erase(s->refuse_finish.begin());
          return actors::to_error(refused);
        }
        return unit_value{};
      },
  };
}

caf::behavior fake_library(caf::event_based_actor* self, script_ptr s) {
  return {
      [self, s](fetch_atom, const std::string& id) {
        return play(self, s, "fetch " + id, stored_image{image_record{}, some_bytes()});
      },
      [self, s](download_atom, const std::string& url) {
        return play(self, s, "download " + url, stored_image{image_record{}, some_bytes()});
      },
      [self, s](store_atom, const new_image& image) {
        s->stored.push_back(image);
        image_record record;
        record.id = image.id;
        record.width = 10;
        record.mime_type = "image/jpeg";
        return play(self, s, "store", record);
      },
      [](find_atom, const std::string& id) {
        image_record record;
        record.id = id;
        record.width = 77;
        return record;
      },
      [self, s](remove_atom, const std::string&) { return play(self, s, "remove", unit_value{}); },
  };
}

caf::behavior fake_images(caf::event_based_actor* self, script_ptr s) {
  return {
      [self, s](prepare_atom, const shared_bytes& bytes) {
        image_signature signature;
        signature.cells.front() = {++s->signatures, 128, 128};
        const encoded_image picture{bytes, {image_format::jpeg, 768, 1024}};
        return play(self, s, "prepare", prepared_image{picture, signature});
      },
      [self,
       s](finish_atom, const shared_bytes& bytes, image_format format,
          const std::vector<image_signature>& inputs) {
        s->compared_with = inputs;
        const encoded_image picture{bytes, {format, 10, 20}};
        return play(self, s, "finish", finished_image{picture, picture});
      },
      [self, s](transform_atom, const shared_bytes& bytes, const std::vector<image_operation>&) {
        const encoded_image picture{bytes, {image_format::png, 10, 20}};
        return play(self, s, "transform", finished_image{picture, picture});
      },
  };
}

caf::behavior fake_gemini(caf::event_based_actor* self, script_ptr s) {
  return {
      [self, s](generate_atom, const generation_request& request) {
        s->generated.push_back(request);
        return play(
            self, s, "generate", generation_result{some_bytes(), "image/jpeg", {}, "m", "r"}
        );
      },
      [s](abort_atom, const attempt_id&) { s->seen.emplace_back("abort"); },
  };
}

caf::behavior fake_records(caf::event_based_actor* self, script_ptr s) {
  return {
      [self, s](record_atom, const conversion_update& update) {
        s->records.push_back(update);
        return play(self, s, "record " + std::string{to_string(update.status)}, unit_value{});
      },
      [s](fetch_atom, const std::string&) { return s->recorded; },
  };
}

caf::behavior fake_notifier(caf::event_based_actor* self, script_ptr s) {
  return {[self, s](notify_atom, const notification& event) {
    s->notifications.push_back(event);
    return play(self, s, "notify", unit_value{});
  }};
}

caf::behavior fake_metrics(caf::event_based_actor*, script_ptr s) {
  return {[s](const stage_event& event) {
    s->seen.push_back("left " + std::string{to_string(event.stage)});
  }};
}

class worker_fixture : public fixture {
 public:
  worker_fixture() {
    actors::worker_options options;
    options.worker_id = "worker-1";
    options.clock = clock();
    options.peers.queue = spawn_fake<queue_actor>(fake_queue, told);
    options.peers.library = spawn_fake<image_library_actor>(fake_library, told);
    options.peers.images = spawn_fake<image_processor_actor>(fake_images, told);
    options.peers.gemini = spawn_fake<gemini_client_actor>(fake_gemini, told);
    options.peers.records = spawn_fake<record_io_actor>(fake_records, told);
    options.peers.notifier = spawn_fake<notifier_actor>(fake_notifier, told);
    options.peers.metrics = spawn_fake<metrics_actor>(fake_metrics, told);
    worker = spawn(actors::worker, options);
  }

  static job conversion_job(std::uint64_t token = 1) {
    job j;
    j.id = job_id{make_uuid_v7(std::chrono::system_clock::now())};
    j.token = fencing_token{token};
    j.request.conversion_id = "c1";
    j.request.user_id = "u1";
    j.request.payload.user_image_id = "person";
    j.request.payload.cloth_image_id = "garment";
    j.request.timeout = seconds{600};
    j.status = job_status::processing;
    return j;
  }

  script_ptr told = std::make_shared<script>();
  actors::worker_impl worker;
};

}  // namespace

TEST_CASE_METHOD(worker_fixture, "a worker joins the queue when it starts") {
  CHECK(told->seen == std::vector<std::string>{"join worker-1"});
}

TEST_CASE_METHOD(
    worker_fixture, "a conversion passes all its stages in order and is reported once"
) {
  const job j = conversion_job();
  told->seen.clear();
  tell(worker, assign_atom_v, j);
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(told->outcomes[0].result.image_id == picture_id_of(current_attempt(j)));
  std::vector<std::string> actions;
  std::ranges::copy_if(told->seen, std::back_inserter(actions), [](const std::string& step) {
    return !step.starts_with("report") && !step.starts_with("left");
  });
  CHECK(
      actions
      == std::vector<std::string>{
          "record processing", "fetch person", "fetch garment", "prepare", "prepare",
          "open call", "generate", "settle call: none", "finish", "store", "record completed", "notify"}
  );
  CHECK(told->reports.back().stage == job_stage::notifying);
  CHECK(std::ranges::is_sorted(told->reports, {}, &job_progress::percent));
}

TEST_CASE_METHOD(worker_fixture, "person and garment reach the provider in the prompt's order") {
  tell(worker, assign_atom_v, conversion_job());
  REQUIRE(told->generated.size() == 1);
  CHECK(told->generated[0].images.size() == 2);
  CHECK(told->generated[0].aspect_ratio == "3:4");
  CHECK(told->generated[0].deadline > seconds{500});
}

TEST_CASE_METHOD(worker_fixture, "the result is compared with the inputs of its own attempt") {
  for (const int first : {1, 3}) {
    tell(worker, assign_atom_v, conversion_job());
    REQUIRE(told->compared_with.size() == 2);
    CHECK(told->compared_with[0].cells.front()[0] == first);
    CHECK(told->compared_with[1].cells.front()[0] == first + 1);
  }
}

TEST_CASE_METHOD(worker_fixture, "nothing is sent to the provider that the ledger does not have") {
  told->silent_at["open call"] = true;
  tell(worker, assign_atom_v, conversion_job());
  CHECK_FALSE(told->has_seen("generate"));
}

TEST_CASE_METHOD(worker_fixture, "an answer settles the call, a silence does not") {
  told->fail_at["generate"] = {error_class::safety_blocked, "as told", {}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(told->has_seen("settle call: safety_blocked"));
  for (const error_class silence : {error_class::timeout, error_class::connection}) {
    *told = script{};
    told->fail_at["generate"] = {silence, "as told", {}};
    tell(worker, assign_atom_v, conversion_job());
    CHECK(told->has_seen("generate"));
    CHECK_FALSE(told->has_seen("settle call: " + std::string{to_string(silence)}));
  }
}

TEST_CASE_METHOD(worker_fixture, "the conversion record carries the attempt's fencing token") {
  tell(worker, assign_atom_v, conversion_job(7));
  REQUIRE(told->records.size() == 2);
  CHECK(told->records[1].status == job_status::completed);
  CHECK(told->records[1].attempt.token == fencing_token{7});
  CHECK(told->records[1].result_image_id == told->stored.at(0).id);
}

TEST_CASE_METHOD(
    worker_fixture, "an image_processing job needs neither provider nor conversion record"
) {
  job j = conversion_job();
  j.request.type = job_type::image_processing;
  j.request.payload.image_id = "picture";
  tell(worker, assign_atom_v, j);
  CHECK(told->has_seen("transform"));
  CHECK_FALSE(told->has_seen("generate"));
  CHECK(told->records.empty());
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::completed);
}

TEST_CASE_METHOD(worker_fixture, "an image that is named by a URL is downloaded, others are not") {
  job j = conversion_job();
  j.request.payload.user_image_id = "https://cdn.example.com/a.jpg";
  tell(worker, assign_atom_v, j);
  CHECK(told->has_seen("download https://cdn.example.com/a.jpg"));
  CHECK_FALSE(told->has_seen("fetch https://cdn.example.com/a.jpg"));
  CHECK(told->has_seen("fetch garment"));
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::completed);
}

TEST_CASE_METHOD(
    worker_fixture, "a failure in any stage ends the attempt with that failure's class"
) {
  for (const std::string step :
       {"record processing", "fetch person", "fetch garment", "prepare", "open call", "generate",
        "finish", "store", "report recording", "record completed"}) {
    INFO(step);
    *told = script{};
    told->fail_at[step] = {error_class::server_error, "as told", seconds{3}};
    tell(worker, assign_atom_v, conversion_job());
    REQUIRE(told->outcomes.size() == 1);
    CHECK(told->outcomes[0].kind == attempt_outcome_kind::failed);
    CHECK(told->outcomes[0].error.kind == error_class::server_error);
    CHECK(told->outcomes[0].error.retry_after == seconds{3});
    // What was stored for nothing does not stay behind.
    CHECK(told->has_seen("remove") == (step == "report recording" || step == "record completed"));
  }
}

TEST_CASE_METHOD(
    worker_fixture, "a notification that cannot be handed over does not fail the job"
) {
  told->fail_at["notify"] = {error_class::unavailable, "away", {}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(told->outcomes.at(0).kind == attempt_outcome_kind::completed);
}

TEST_CASE_METHOD(worker_fixture, "a finished picture waits for a store that is away") {
  const std::string step = GENERATE("store", "report recording", "record completed");
  const error_class kind = GENERATE(error_class::unavailable, error_class::store_full);
  INFO(step);
  told->fail_at[step] = {kind, "away", {}};
  tell(worker, assign_atom_v, conversion_job());
  advance(seconds{60}, seconds{1});
  CHECK(told->outcomes.empty());
  told->fail_at.clear();
  advance(seconds{1});
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(told->generated.size() == 1);
  CHECK_FALSE(told->has_seen("remove"));
}

TEST_CASE_METHOD(worker_fixture, "a picture waits no longer than its job may take") {
  told->fail_at["store"] = {error_class::unavailable, "away", {}};
  job j = conversion_job();
  j.request.timeout = seconds{20};
  tell(worker, assign_atom_v, j);
  advance(seconds{21}, seconds{1});
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].error.kind == error_class::timeout);
}

TEST_CASE_METHOD(worker_fixture, "a cancel ends the wait for a store") {
  told->fail_at["store"] = {error_class::unavailable, "away", {}};
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  tell(worker, cancel_atom_v, current_attempt(j));
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::released);
  told->seen.clear();
  advance(seconds{5}, seconds{1});
  CHECK_FALSE(told->has_seen("store"));
}

TEST_CASE_METHOD(
    worker_fixture, "before there is a picture, a store that is away ends the attempt"
) {
  const std::string step = GENERATE("record processing", "fetch person");
  told->fail_at[step] = {error_class::unavailable, "away", {}};
  tell(worker, assign_atom_v, conversion_job());
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].error.kind == error_class::unavailable);
  CHECK(told->generated.empty());
}

TEST_CASE_METHOD(
    worker_fixture, "a cancelled attempt aborts the provider's call and is over at once"
) {
  told->silent_at["generate"] = true;
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  REQUIRE(told->outcomes.empty());
  tell(worker, cancel_atom_v, current_attempt(j));
  CHECK(told->has_seen("abort"));
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::released);
}

TEST_CASE_METHOD(worker_fixture, "a cancel for another attempt is not obeyed") {
  told->silent_at["generate"] = true;
  const job j = conversion_job(2);
  tell(worker, assign_atom_v, j);
  tell(worker, cancel_atom_v, attempt_id{j.id, fencing_token{1}});
  CHECK(told->outcomes.empty());
}

TEST_CASE_METHOD(
    worker_fixture, "an answer that comes after the attempt has ended changes nothing"
) {
  told->silent_at["generate"] = true;
  const job first = conversion_job();
  tell(worker, assign_atom_v, first);
  tell(worker, release_atom_v);
  const job second = conversion_job();
  tell(worker, assign_atom_v, second);
  // The first call's requester timeout passes; the second attempt must not take it for its own.
  advance(seconds{599}, seconds{1});
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::released);
}

TEST_CASE_METHOD(
    worker_fixture, "an attempt that outlasts the job's timeout fails with class timeout"
) {
  told->silent_at["fetch person"] = true;
  job j = conversion_job();
  j.request.timeout = seconds{20};
  tell(worker, assign_atom_v, j);
  advance(seconds{19});
  CHECK(told->outcomes.empty());
  advance(seconds{2});
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].error.kind == error_class::timeout);
}

TEST_CASE_METHOD(worker_fixture, "the lease is renewed while a slow call runs, and no longer") {
  told->silent_at["generate"] = true;
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  advance(seconds{45});
  CHECK(told->renewals == 4);
  tell(worker, cancel_atom_v, current_attempt(j));
  advance(seconds{45});
  CHECK(told->renewals == 4);
}

TEST_CASE_METHOD(worker_fixture, "a worker whose lease moved on stops by itself") {
  told->silent_at["generate"] = true;
  told->refuse_renewal = {error_class::conflict, "moved on", {}};
  tell(worker, assign_atom_v, conversion_job());
  advance(seconds{11});
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::released);
}

TEST_CASE_METHOD(worker_fixture, "an outcome that the store cannot take is reported until it can") {
  told->refuse_finish = {
      {error_class::unavailable, "away", {}}, {error_class::timeout, "slow", {}}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(told->outcomes.size() == 1);
  advance(seconds{5});
  CHECK(told->outcomes.size() == 3);
  CHECK(told->outcomes[2] == told->outcomes[0]);
}

TEST_CASE_METHOD(worker_fixture, "a result whose attempt was fenced off is removed") {
  told->refuse_finish = {{error_class::conflict, "stale", {}}};
  job j = conversion_job();
  j.request.type = job_type::image_processing;  // which has no record
  tell(worker, assign_atom_v, j);
  CHECK(told->has_seen("remove"));
}

TEST_CASE_METHOD(worker_fixture, "a result stays whose completion may have been heard") {
  told->refuse_finish = {
      {error_class::unavailable, "no coordinator", {}}, {error_class::conflict, "stale", {}}};
  job j = conversion_job();
  j.request.type = job_type::image_processing;
  tell(worker, assign_atom_v, j);
  advance(seconds{2});
  CHECK(told->outcomes.size() == 2);
  CHECK_FALSE(told->has_seen("remove"));
}

TEST_CASE_METHOD(worker_fixture, "a result that the record names stays, however the attempt ends") {
  SECTION("fenced off") {
    told->refuse_finish = {{error_class::conflict, "stale", {}}};
    tell(worker, assign_atom_v, conversion_job());
  }
  SECTION("handed back") {
    told->silent_at["notify"] = true;
    tell(worker, assign_atom_v, conversion_job());
    tell(worker, release_atom_v);
    REQUIRE(told->outcomes.size() == 1);
    CHECK(told->outcomes[0].kind == attempt_outcome_kind::released);
  }
  SECTION("handed back before the record has answered") {
    told->silent_at["record completed"] = true;
    tell(worker, assign_atom_v, conversion_job());
    tell(worker, release_atom_v);
    REQUIRE(told->outcomes.size() == 1);
  }
  CHECK_FALSE(told->has_seen("remove"));
}

TEST_CASE_METHOD(worker_fixture, "a retiring worker finishes its job, leaves the queue and ends") {
  told->silent_at["generate"] = true;
  const job j = conversion_job();
  tell(worker, assign_atom_v, j);
  tell(worker, retire_atom_v);
  CHECK_FALSE(told->has_seen("leave"));
  tell(worker, cancel_atom_v, current_attempt(j));
  CHECK(told->has_seen("leave"));
  const auto gone =
      ask<unit_value>(caf::actor_cast<caf::actor>(worker), fault_atom_v, milliseconds{0});
  CHECK(gone.answer().error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(
    worker_fixture, "a result that an earlier attempt has recorded is not made and paid for again"
) {
  const job j = conversion_job(2);
  told->fail_at["record processing"] = {error_class::conflict, "final", {}};
  told->recorded.status = job_status::completed;
  told->recorded.attempt = {j.id, fencing_token{1}};
  told->recorded.result_image_id = "made-before";
  tell(worker, assign_atom_v, j);
  REQUIRE(told->outcomes.size() == 1);
  CHECK(told->outcomes[0].kind == attempt_outcome_kind::completed);
  CHECK(told->outcomes[0].result.image_id == "made-before");
  CHECK(told->outcomes[0].result.width == 77);
  CHECK(told->generated.empty());
}

TEST_CASE_METHOD(worker_fixture, "a conversion that belongs to another job is left alone") {
  told->fail_at["record processing"] = {error_class::conflict, "taken", {}};
  tell(worker, assign_atom_v, conversion_job());
  CHECK(told->outcomes.at(0).error.kind == error_class::internal_bug);
  CHECK(told->generated.empty());
}
