// SPDX-License-Identifier: MIT

// Jobs at rest with keys, in SQLite and in Redis: the same contract, and nothing of what they say
// in files or values; what was changed there is found out, and the service goes on.

#include "adapters/job_store/redis/redis_job_value.hpp"
#include "adapters/job_store/sqlite/sqlite_job_encryption.hpp"
#include "adapters/job_store/sqlite/sqlite_job_store.hpp"
#include "adapters/sqlite/encrypted_rows.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/integration/job_store/job_store_conformance.hpp"
#include "tests/integration/job_store/random_batches.hpp"
#include "tests/integration/job_store/redis_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/letter_keys.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace stayler::adapters::conformance {

namespace {

namespace fs = std::filesystem;

void ignore_failure(const failure& /*why*/) {}

/// One of two kinds of store, and how to look behind it.
class encrypted_place {
 public:
  virtual ~encrypted_place() = default;

  virtual result<std::unique_ptr<job_store>> try_open(const encryption_keys& keys) = 0;
  /// All that lies there, as bytes.
  virtual std::string bytes() = 0;
  /// Changes a byte of the job's content.
  virtual void tamper(const job_id& id) = 0;
  /// Puts the content of one job in the place of another.
  virtual void copy_content(const job_id& from, const job_id& to) = 0;
  virtual result<row_report> rekey(const encryption_keys& keys) = 0;

  std::unique_ptr<job_store> open(const encryption_keys& keys) {
    auto opened = try_open(keys);
    INFO((opened ? "" : opened.error().message));
    REQUIRE(opened);
    return std::move(*opened);
  }
};

class sqlite_place final : public encrypted_place {
 public:
  result<std::unique_ptr<job_store>> try_open(const encryption_keys& keys) override {
    sqlite_job_store_options options;
    options.synchronous = sqlite_job_store_options::durability::normal;
    options.keys = keys;
    return open_sqlite_job_store(file(), options);
  }

  std::string bytes() override {
    std::string all;
    for (const auto& entry : fs::directory_iterator{folder_.path()}) {
      std::ifstream in{entry.path(), std::ios::binary};
      all.append(std::istreambuf_iterator<char>{in}, {});
    }
    return all;
  }

  void tamper(const job_id& id) override {
    std::string content = data_of(id);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    set_data(id, content);
  }

  void copy_content(const job_id& from, const job_id& to) override { set_data(to, data_of(from)); }

  result<row_report> rekey(const encryption_keys& keys) override {
    auto database = sqlite_database::open(file());
    REQUIRE(database);
    return reencrypt_rows(
        *database, "job_store", sqlite_jobs::encrypted_columns, keys, ignore_failure
    );
  }

 private:
  [[nodiscard]] fs::path file() const { return folder_.path() / "jobs.db"; }

  std::string data_of(const job_id& id) {
    auto database = sqlite_database::open(file());
    auto query = database->prepare("SELECT data FROM jobs WHERE id = ?1");
    query->bind_blob(1, std::as_bytes(std::span{id.value.bytes}));
    return **query->first([](const sqlite_statement& row) {
      const auto data = row.blob(0);
      return std::string{reinterpret_cast<const char*>(data.data()), data.size()};
    });
  }

  void set_data(const job_id& id, const std::string& data) {
    auto database = sqlite_database::open(file());
    auto write = database->prepare("UPDATE jobs SET data = ?2 WHERE id = ?1");
    write->bind_blob(1, std::as_bytes(std::span{id.value.bytes}));
    REQUIRE(write->bind_blob(2, std::as_bytes(std::span{data})).run());
  }

  test::temporary_folder folder_;
};

class redis_place final : public encrypted_place {
 public:
  result<std::unique_ptr<job_store>> try_open(const encryption_keys& keys) override {
    return open_redis_job_store(options_with(keys));
  }

  std::string bytes() override {
    send(server_, {"SAVE"});
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator{server_.data_folder()}) {
      if (entry.is_regular_file()) {
        std::ifstream in{entry.path(), std::ios::binary};
        all.append(std::istreambuf_iterator<char>{in}, {});
      }
    }
    return all;
  }

  void tamper(const job_id& id) override {
    std::string value = value_of(id);
    value.back() = static_cast<char>(value.back() ^ 1);
    send(server_, {"HSET", "{test}:jobs", redis_id(id), value});
  }

  void copy_content(const job_id& from, const job_id& to) override {
    send(server_, {"HSET", "{test}:jobs", redis_id(to), value_of(from)});
  }

  result<row_report> rekey(const encryption_keys& keys) override {
    return reencrypt_redis_jobs(options_with(keys), ignore_failure);
  }

  void empty() { send(server_, {"FLUSHALL"}); }

 private:
  redis_job_store_options options_with(const encryption_keys& keys) const {
    redis_job_store_options options{at(server_), "test", time_source::caller};
    options.reaper_term = milliseconds{60'000};
    options.keys = keys;
    return options;
  }

  std::string value_of(const job_id& id) {
    return std::string{send(server_, {"HGET", "{test}:jobs", redis_id(id)}).value().text()};
  }

  redis_process server_{{"--appendfsync", "no", "--rdbcompression", "no"}};
};

/// Everything that a store of jobs has to keep, kept with keys.
void check_contract(const store_maker& maker) {
  check_enqueue(maker);
  check_order(maker);
  check_suspects(maker);
  check_leases(maker);
  check_endings(maker);
  check_purge(maker);
  check_ledger(maker);
  check_dead_letters(maker);
  check_limits(maker);
  check_pauses(maker);
  check_listing(maker);
  check_durability(maker);
}

/// Texts that nothing else holds.
job telling_job(driver& d, const std::string& who) {
  job j = d.new_job("user-erika-" + who);
  j.request.conversion_id = "conversion-wish-" + who;
  j.request.idempotency_key = "idempotency-mark-" + who;
  j.request.fingerprint = "fingerprint-of-" + who;
  j.request.webhook_url = "https://hooks.example.com/token-of-" + who;
  j.request.payload.options.prompt = "in the garden of " + who;
  j.request.payload.user_image_id = "https://photos.example.com/" + who;
  return j;
}

const std::vector<std::string> telling{
    "user-erika-",   "conversion-wish-", "idempotency-mark-",        "fingerprint-of-",
    "hooks.example", "in the garden of", "https://photos.example.c", "the model said",
    "result-picture"};

void check_nothing_told(encrypted_place& place) {
  const std::string all = place.bytes();
  for (const std::string& text : telling) {
    INFO(text);
    CHECK(all.find(text) == std::string::npos);
  }
}

/// A job in each state; returns them as they were stored.
std::vector<job> live(driver& d) {
  d.add(telling_job(d, "a"));
  d.one(store_op::complete{
      current_attempt(d.claim_one()), {"result-picture", 1, 1, "image/png", 9, false, "v1"}});
  d.add(telling_job(d, "b"));
  d.one(store_op::fail{
      current_attempt(d.claim_one()),
      store_op::end_of_lease::failed,
      {error_class::safety_blocked, "the model said no"}});
  d.add(telling_job(d, "c"));
  d.claim_one();
  job later = telling_job(d, "d");
  later.request.run_at = d.now + milliseconds{60'000};
  d.add(later);
  d.add(telling_job(d, "e"));
  const job ahead = d.add(telling_job(d, "f"));
  d.one(store_op::prioritize{ahead.id, precedence::own_jobs});
  return d.all({});
}

/// All look-ups find these jobs, repetitions are known, and what waits goes on.
void check_lookups(driver& d, const std::vector<job>& expected) {
  CHECK(d.all({}) == expected);
  for (const job& each : expected) {
    INFO(each.request.user_id);
    CHECK(d.stored(each.id) == each);
    job_filter filter;
    filter.user_id = each.request.user_id;
    CHECK(d.all(filter) == std::vector{each});
    filter = {};
    filter.conversion_id = each.request.conversion_id;
    CHECK(d.all(filter) == std::vector{each});
    job again = d.new_job(each.request.user_id);
    again.request.idempotency_key = each.request.idempotency_key;
    const auto reply = d.one(store_op::enqueue{again});
    CHECK(reply.existing);
    CHECK(ids_of(reply.jobs) == std::vector{each.id});
  }
  const auto in_flight = d.one(store_op::enqueue{[&] {
    job same = d.new_job("user-erika-e");
    same.request.conversion_id = "conversion-wish-e";
    return same;
  }()});
  CHECK(in_flight.existing);
}

void check_queue_goes_on(driver& d) {
  d.one(store_op::verify_indexes{});
  CHECK(d.last.counts.repaired == 0);
  CHECK(d.last.counts.pending == 2);
  d.now += milliseconds{60'000};
  const auto given = users_of(d.claim(5));
  CHECK(
      std::set<std::string>(given.begin(), given.end())
      == std::set<std::string>{"user-erika-d", "user-erika-e", "user-erika-f"}
  );
  d.one(store_op::verify_indexes{});
  CHECK(d.last.counts.repaired == 0);
}

void check_secrecy(encrypted_place& place) {
  driver d{place.open(test::letter_keys("a"))};
  const auto jobs = live(d);
  check_nothing_told(place);
  check_lookups(d, jobs);
  check_queue_goes_on(d);
}

void check_switching_on(encrypted_place& place) {
  std::vector<job> jobs;
  timestamp now;
  {
    driver d{place.open({})};
    jobs = live(d);
    now = d.now;
  }
  CHECK(place.bytes().find("in the garden of") != std::string::npos);
  const auto refused = place.try_open(test::letter_keys("a"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(refused.error().message.find("\"plain\"") != std::string::npos);

  driver d{place.open(test::letter_keys("a", ",plain"))};
  d.now = now;
  jobs = d.all({});
  CHECK(jobs.size() == 6);
  check_lookups(d, jobs);
  check_queue_goes_on(d);
  d.store.reset();
  CHECK(place.try_open(test::letter_keys("a")));
  const auto without = place.try_open({});
  REQUIRE_FALSE(without);
  CHECK(without.error().message.find("WORKER_ENCRYPTION_KEYS is not set") != std::string::npos);
}

void check_rekey(encrypted_place& place) {
  driver d{place.open(test::letter_keys("ba"))};
  const auto fresh = live(d);
  d.store.reset();
  {
    driver old{place.open(test::letter_keys("ab"))};
    old.now = d.now;
    old.add(telling_job(old, "old"));
  }
  d.store = place.open(test::letter_keys("ba"));
  const auto jobs = d.all({});
  // Beside the store that is open.
  const auto report = place.rekey(test::letter_keys("ba"));
  REQUIRE(report);
  CHECK(report->seen == 7);
  CHECK(report->encrypted >= 1);
  CHECK(report->failed == 0);
  CHECK(d.all({}) == jobs);
  CHECK(place.rekey(test::letter_keys("ba"))->encrypted == 0);
  d.store.reset();
  d.store = place.open(test::letter_keys("b"));
  check_lookups(d, d.all({}));
}

void check_tampering(encrypted_place& place) {
  driver d{place.open(test::letter_keys("a"))};
  const job changed = d.add(telling_job(d, "a"));
  const job moved = d.add(telling_job(d, "b"));
  const job sound = d.add(telling_job(d, "c"));
  place.tamper(changed.id);
  place.copy_content(sound.id, moved.id);

  for (const job_id& id : {changed.id, moved.id}) {
    const auto found = d.store->find(id);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == error_class::internal_bug);
    CHECK(found.error().message.find("is not what was stored there") != std::string::npos);
  }
  CHECK(d.one(store_op::cancel{changed.id}).error.kind == error_class::internal_bug);
  CHECK(d.stored(sound.id) == sound);
  const auto listed = d.all({});
  REQUIRE(ids_of(listed) == std::vector{sound.id, moved.id, changed.id});
  CHECK(listed[0] == sound);
  CHECK(listed[1].error.kind == error_class::internal_bug);
  CHECK(listed[1].request.user_id == "(cannot be read) ");
  CHECK(listed[1].request.payload.options == conversion_options{});

  // The queue goes on with what is sound, and the others are dead letters.
  CHECK(ids_of(d.claim(3)) == std::vector{sound.id});
  CHECK(d.claim(3).empty());
  CHECK(d.store->counts()->failed == 2);
  CHECK(d.store->counts()->pending == 0);
  job_filter dead;
  dead.statuses = {job_status::failed};
  CHECK(ids_of(d.all(dead)) == std::vector{moved.id, changed.id});
  CHECK(d.one(store_op::retry{changed.id}).error.kind == error_class::internal_bug);
  CHECK_FALSE(d.one(store_op::drop{changed.id}).error);
  CHECK_FALSE(d.one(store_op::erase{moved.id}).error);
  CHECK(ids_of(d.all({})) == std::vector{sound.id});
  CHECK(d.store->counts()->failed == 0);
  d.one(store_op::verify_indexes{});
  CHECK(d.last.counts.repaired == 0);
}

void check_tampering_under_lease(encrypted_place& place) {
  driver d{place.open(test::letter_keys("a"))};
  d.add(telling_job(d, "a"));
  const job running = d.claim_one();
  d.store.reset();
  place.tamper(running.id);
  d.store = place.open(test::letter_keys("a"));
  CHECK(d.one(store_op::complete{current_attempt(running), {}}).error);
  d.now += 2 * lease_time;
  CHECK(d.one(store_op::find_expired{}).jobs.empty());
  d.one(store_op::find_expired{});
  CHECK(d.last.counts.processing == 0);
  CHECK(d.last.counts.failed == 1);
}

/// A fresh file, or the one that is there.
store_maker encrypted_sqlite(const test::temporary_folder& folder) {
  const auto open = [file = folder.path() / "jobs.db"](bool is_new) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      if (is_new) {
        fs::remove(file.string() + suffix);
      }
    }
    sqlite_job_store_options options;
    options.synchronous = sqlite_job_store_options::durability::normal;
    options.keys = test::letter_keys("a");
    auto opened = open_sqlite_job_store(file, options);
    REQUIRE(opened);
    return std::move(*opened);
  };
  return {
      [open] { return open(true); },
      [open](std::unique_ptr<job_store> store) {
        store.reset();
        return open(false);
      },
      true};
}

}  // namespace

TEST_CASE("the SQLite job store keeps its contract with encrypted jobs") {
  const test::temporary_folder folder;
  check_contract(encrypted_sqlite(folder));
}
TEST_CASE("the SQLite job store behaves as its model does with encrypted jobs") {
  const test::temporary_folder folder;
  check_against_model(encrypted_sqlite(folder), 100);
}
TEST_CASE("with keys nothing of what jobs say is in SQLite's files, and all is found") {
  sqlite_place place;
  check_secrecy(place);
}
TEST_CASE("jobs that are in SQLite when keys are set become encrypted, and nothing is left of them"
) {
  sqlite_place place;
  check_switching_on(place);
  check_nothing_told(place);
}
TEST_CASE("jobs in SQLite are encrypted anew with another key while the store is open") {
  sqlite_place place;
  check_rekey(place);
}
TEST_CASE("a job that was changed in SQLite is found out, set aside, and holds up no other") {
  sqlite_place place;
  check_tampering(place);
}
TEST_CASE("a running job that was changed in SQLite ends as a dead letter") {
  sqlite_place place;
  check_tampering_under_lease(place);
}

TEST_CASE("the Redis job store keeps its contract with encrypted jobs") {
  redis_place place;
  const store_maker maker{
      [&place] {
        place.empty();
        return place.open(test::letter_keys("a"));
      },
      [&place](std::unique_ptr<job_store> store) {
        store.reset();
        return place.open(test::letter_keys("a"));
      }};
  SECTION("of all operations") {
    check_contract(maker);
  }
  SECTION("as its model does") {
    check_against_model(maker, 100);
  }
}
TEST_CASE("with keys nothing of what jobs say is in Redis' files, and all is found") {
  redis_place place;
  check_secrecy(place);
}
TEST_CASE("jobs that are in Redis when keys are set become encrypted") {
  redis_place place;
  check_switching_on(place);
}
TEST_CASE("jobs in Redis are encrypted anew with another key while the store is open") {
  redis_place place;
  check_rekey(place);
}
TEST_CASE("a job that was changed in Redis is found out, set aside, and holds up no other") {
  redis_place place;
  check_tampering(place);
}
TEST_CASE("a running job that was changed in Redis ends as a dead letter") {
  redis_place place;
  check_tampering_under_lease(place);
}

}  // namespace stayler::adapters::conformance
