// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_commands.hpp"

#include "adapters/codec/byte_codec.hpp"
#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_counting.hpp"
#include "adapters/job_store/redis/redis_job_script.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "tests/support/catch.hpp"

#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;

namespace {

using texts = std::vector<std::string>;

const timestamp then{milliseconds{1'800'000'000'123}};

redis_job make_job(job_status status) {
  redis_job made;
  made.version = 41;
  job& j = made.stored.value;
  j.id.value.bytes = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 255};
  j.request.user_id = "ann";
  j.request.conversion_id = "conversion";
  j.request.idempotency_key = "key";
  j.request.priority = 7;
  j.status = status;
  return made;
}

/// Every match of the expression's first group in the script.
std::set<std::string> found_in_script(const std::string& expression) {
  const std::string script{redis_job_script()};
  const std::regex pattern{expression};
  std::set<std::string> found;
  for (std::sregex_iterator i{script.begin(), script.end(), pattern}, end; i != end; ++i) {
    found.insert((*i)[1]);
  }
  return found;
}

}  // namespace

TEST_CASE("enqueue names the job, its flow, its digests and the bounds") {
  redis_job scheduled = make_job(job_status::scheduled);
  scheduled.stored.value.due_at = then;
  const stored_job& stored = scheduled.stored;
  CHECK(
      redis_commands::enqueue(stored, {stored.value, 500, 50})
      == texts{
          "enqueue", redis_id(stored.value.id), pack_redis_job({1, stored}), "1",
          redis_flow(stored), "1800000000123", redis_digest("ann", "key"),
          redis_digest("", "conversion"), "500", "50"}
  );
}

TEST_CASE("update says what a job was, what it is, and what that adds to the counts") {
  const redis_job before = make_job(job_status::processing);
  redis_job after = before;
  after.stored.value.status = job_status::completed;
  after.stored.value.completed_at = then;
  after.stored.value.started_at = then - milliseconds{1'500};
  after.stored.value.ambiguous_calls = 0;
  CHECK(
      redis_commands::update(before, after.stored)
      == texts{
          "update", redis_id(before.stored.value.id), "41", pack_redis_job({42, after.stored}),
          "2", redis_flow(before.stored), "3", redis_flow(after.stored), "1800000000123",
          redis_digest("", "conversion"), "1500", "1800000000123", "0"}
  );
}

TEST_CASE("update says when a lease ends") {
  const redis_job before = make_job(job_status::processing);
  redis_job after = before;
  after.stored.value.lease_expires_at = then;
  const redis_command command = redis_commands::update(before, after.stored);
  CHECK(command[6] == "2");
  CHECK(command[8] == "1800000000123");
  CHECK(texts(command.begin() + 10, command.end()) == texts{"0", "0", "0"});
}

TEST_CASE("remove and verify name the version that they are about") {
  redis_job ended = make_job(job_status::failed);
  ended.stored.value.completed_at = then;
  const std::string id = redis_id(ended.stored.value.id);
  CHECK(
      redis_commands::remove(ended) == texts{"remove", id, "41", "4", redis_digest("ann", "key")}
  );
  CHECK(
      redis_commands::verify(ended)
      == texts{"verify", id, "41", "4", redis_flow(ended.stored), "1800000000123"}
  );
}

TEST_CASE("claim counts its workers, and says the types and the suspects to leave out") {
  const store_op::claim change{
      {"w1", "w2"}, "host", milliseconds{30'000}, {job_type::image_processing}};
  CHECK(
      redis_commands::claim(change)
      == texts{"claim", "30000", "host", "2", "w1", "w2", "1", "1", "0", "0"}
  );
  const auto claim_by = [](store_op::suspect_rule rule) {
    return redis_commands::claim({{}, "host", milliseconds{1}, {}, rule});
  };
  CHECK(
      claim_by(store_op::suspect_rule::as_others) == texts{"claim", "1", "host", "0", "0", "0", "0"}
  );
  CHECK(
      claim_by(store_op::suspect_rule::left_out) == texts{"claim", "1", "host", "0", "0", "0", "1"}
  );
  CHECK(claim_by(store_op::suspect_rule::only) == texts{"claim", "1", "host", "0", "0", "1", "0"});
}

TEST_CASE("the other commands are a word and plain arguments") {
  const milliseconds term{10'000};
  CHECK(redis_commands::find_expired(term) == texts{"find_expired", "10000"});
  CHECK(redis_commands::is_reaper(term) == texts{"is_reaper", "10000"});
  CHECK(redis_commands::resign() == texts{"resign"});
  const type_pause pause{job_type::image_processing, {}, timestamp{milliseconds{7}}, "ops", "keys"};
  CHECK(redis_commands::pause({pause}) == texts{"pause", "1", "7", encode_bytes(pause)});
  CHECK(redis_commands::resume({job_type::image_conversion, "ops"}) == texts{"resume", "0"});
  CHECK(redis_commands::count_stale() == texts{"count_stale"});
  CHECK(redis_commands::verify_users() == texts{"verify_users"});
  CHECK(redis_commands::list(":all", "", 500) == texts{"list", ":all", "", "500"});
  CHECK(
      redis_commands::list_finished(job_status::cancelled, then, 7)
      == texts{"list_finished", "5", "1800000000123", "7"}
  );
  CHECK(redis_commands::waiting() == texts{"waiting"});
  const job_id id = make_job(job_status::failed).stored.value.id;
  CHECK(redis_commands::set_aside(id, 7) == texts{"set_aside", redis_id(id), "7"});
  CHECK(redis_commands::replace("id", "a", "b") == texts{"replace", "id", "a", "b"});
}

TEST_CASE("the script knows the commands that C++ builds, and no others") {
  const redis_job any = make_job(job_status::failed);
  std::set<std::string> built;
  for (const redis_command& command :
       {redis_commands::enqueue(any.stored, {}), redis_commands::update(any, any.stored),
        redis_commands::remove(any), redis_commands::claim({}), redis_commands::find_expired({}),
        redis_commands::set_aside({}, 1), redis_commands::replace("", "", ""),
        redis_commands::encrypt(any, "", "", {}), redis_commands::is_reaper({}),
        redis_commands::resign(), redis_commands::pause({}), redis_commands::resume({}),
        redis_commands::count_stale(), redis_commands::verify(any), redis_commands::verify_users(),
        redis_commands::list("", "", 0), redis_commands::list_finished(job_status::failed, {}, 0),
        redis_commands::waiting()}) {
    built.insert(command.front());
  }
  CHECK(found_in_script("commands\\.(\\w+)(?:\\(\\)| =)") == built);
}

TEST_CASE("the script counts nothing that C++ does not read") {
  std::set<std::string> names;
  for (const queue_count& each : queue_counts) {
    names.insert(std::string{each.name});
  }
  const auto counted = found_in_script("count\\('(\\w+)'");
  CHECK(counted.size() >= 5);
  for (const std::string& name : counted) {
    CHECK(names.contains(name));
  }
}

TEST_CASE("the counts of the states come first, in the order of the states") {
  for (const job_status status : all_statuses) {
    const queue_count& count = queue_counts.at(static_cast<std::size_t>(status));
    CHECK(count.name == to_string(status));
    job_counts counts;
    count.set(counts, 7);
    CHECK(count_of(counts, status) == 7);
  }
}

TEST_CASE("each count of Redis has a place of its own") {
  job_counts counts;
  std::int64_t value = 0;
  for (const queue_count& each : queue_counts) {
    each.set(counts, ++value);
  }
  const job_counts expected{1,  2,  3, 4, 5, 6, 7, milliseconds{8}, timestamp{milliseconds{9}},
                            10, 11, 12};
  CHECK(counts == expected);
}

TEST_CASE("what the script shares with C++ is defined in C++ alone") {
  const std::string script{redis_job_script()};
  const std::string modules{lua_modules()};
  REQUIRE(script.size() > modules.size());
  const std::string constants = script.substr(0, script.size() - modules.size());
  CHECK(script.substr(constants.size()) == modules);
  CHECK(
      constants
      == "local AGEING_STEP = 300000\n"
         "local PRIORITIZED_BAND = 1000000\n"
         "local PRIORITIZED_BYTE = 255\n"
         "local AHEAD_BIT = 64\n"
         "local JOBS_PER_PASS = 1000\n"
         "local DUE_RECORD = 'D'\n"
         "local CLAIM_RECORD = 'C'\n"
         "local SUSPECT_BIT = 128\n"
         "local JOB_TYPES = {0, 1}\n"
         "local PENDING = 0\n"
         "local SCHEDULED = 1\n"
         "local PROCESSING = 2\n"
         "local COMPLETED = 3\n"
         "local FAILED = 4\n"
         "local CANCELLED = 5\n"
         "local COUNTS = {'pending', 'scheduled', 'processing', 'completed', 'failed', "
         "'cancelled', 'accepted', 'job_time', 'last_finished', 'stale', 'ambiguous', "
         "'repaired'}\n"
  );
  std::smatch redefined;
  const std::regex local{
      "local "
      "[^=\\n]*\\b(AGEING_STEP|PRIORITIZED_\\w+|AHEAD_BIT|SUSPECT_BIT|JOBS_PER_PASS|\\w+_RECORD|"
      "JOB_TYPES|PENDING|SCHEDULED|PROCESSING|COMPLETED|FAILED|CANCELLED|"
      "COUNTS)\\b[^=\\n]*="};
  CHECK_FALSE(std::regex_search(modules, redefined, local));
}
