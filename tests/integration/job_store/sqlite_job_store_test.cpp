// SPDX-License-Identifier: MIT

// The SQLite job store keeps the contract, and what it has answered outlives kill -9, a full disk
// and a busy file.

#include "adapters/job_store/sqlite/sqlite_job_store.hpp"

#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/integration/job_store/job_store_conformance.hpp"
#include "tests/integration/job_store/random_batches.hpp"

#include <csignal>
#include <filesystem>
#include <span>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stayler::adapters::conformance {

namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test case, removed at its end.
class scratch_folder {
 public:
  scratch_folder() {
    std::string pattern = (fs::temp_directory_path() / "job-store-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  [[nodiscard]] fs::path file() const { return path_ / "jobs.db"; }

 private:
  fs::path path_;
};

using durability = sqlite_job_store_options::durability;

std::unique_ptr<job_store> open_at(
    const fs::path& file, durability synchronous = durability::full
) {
  auto store = open_sqlite_job_store(file, {synchronous, milliseconds{50}});
  REQUIRE(store);
  return std::move(*store);
}

/// The contract does not depend on whether each batch waits for the disk, the test's time does.
store_maker maker_in(const scratch_folder& folder) {
  const fs::path file = folder.file();
  const auto open = [file] {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      fs::remove(file.string() + suffix);
    }
    return open_at(file, durability::normal);
  };
  return {
      open,
      [file](std::unique_ptr<job_store> store) {
        store.reset();
        return open_at(file, durability::normal);
      },
      true};
}

/// The counts are what a recount finds.
void check_consistency(driver& d) {
  job_counts recount = *d.store->counts();
  recount.pending = d.all({{job_status::pending}, {}, "", "", {}, {}, 500}).size();
  recount.scheduled = d.all({{job_status::scheduled}, {}, "", "", {}, {}, 500}).size();
  recount.processing = d.all({{job_status::processing}, {}, "", "", {}, {}, 500}).size();
  recount.completed = d.all({{job_status::completed}, {}, "", "", {}, {}, 500}).size();
  recount.failed = d.all({{job_status::failed}, {}, "", "", {}, {}, 500}).size();
  recount.cancelled = d.all({{job_status::cancelled}, {}, "", "", {}, {}, 500}).size();
  recount.accepted = d.all({}).size();
  CHECK(*d.store->counts() == recount);
}

TEST_CASE("the SQLite job store accepts each job once") {
  const scratch_folder folder;
  check_enqueue(maker_in(folder));
}

TEST_CASE("the SQLite job store leases jobs in order") {
  const scratch_folder folder;
  check_order(maker_in(folder));
}

TEST_CASE("the SQLite job store sets suspects apart") {
  const scratch_folder folder;
  check_suspects(maker_in(folder));
}

TEST_CASE("the SQLite job store guards its leases") {
  const scratch_folder folder;
  check_leases(maker_in(folder));
}

TEST_CASE("the SQLite job store ends jobs for good") {
  const scratch_folder folder;
  check_endings(maker_in(folder));
}

TEST_CASE("the SQLite job store removes final jobs") {
  const scratch_folder folder;
  check_purge(maker_in(folder));
}

TEST_CASE("the SQLite job store keeps the ledger of provider calls") {
  const scratch_folder folder;
  check_ledger(maker_in(folder));
}

TEST_CASE("the SQLite job store retries and drops dead letters") {
  const scratch_folder folder;
  check_dead_letters(maker_in(folder));
}

TEST_CASE("the SQLite job store keeps its bounds") {
  const scratch_folder folder;
  check_limits(maker_in(folder));
}

TEST_CASE("the SQLite job store keeps pauses until their end") {
  const scratch_folder folder;
  check_pauses(maker_in(folder));
}

TEST_CASE("what an earlier version has paused stays so, without an end") {
  const scratch_folder folder;
  const auto file = folder.file();
  {
    auto database = sqlite_database::open(file, milliseconds{1'000});
    REQUIRE(database);
    const std::span earlier{sqlite_jobs::migrations.data(), 3};
    REQUIRE(database->migrate({sqlite_jobs::schema_name, earlier}));
    REQUIRE(database->exec("INSERT INTO paused_types VALUES (1)"));
  }
  driver d{open_at(file)};
  CHECK(d.store->waiting()->paused == std::vector{type_pause{.type = job_type::image_processing}});
  d.one(store_op::pause{{job_type::image_processing, {}, {}, "ops", "now it is known why"}});
  CHECK(d.store->waiting()->paused.front().since == d.now);
}

TEST_CASE("the SQLite job store lists its jobs") {
  const scratch_folder folder;
  check_listing(maker_in(folder));
}

TEST_CASE("the SQLite job store holds what it held when opened again") {
  const scratch_folder folder;
  check_durability(maker_in(folder));
}

TEST_CASE("the leases of a process that is gone have run out when the file is opened again") {
  const scratch_folder folder;
  const auto make = maker_in(folder);
  driver d{make.open()};
  const job held = d.add();
  REQUIRE(d.claim_one().id == held.id);
  CHECK(d.one(store_op::find_expired{}).jobs.empty());
  d.store = make.reopen(std::move(d.store));
  CHECK(ids_of(d.one(store_op::find_expired{}).jobs) == std::vector<job_id>{held.id});
}

TEST_CASE("the lease of a node's worker outlives the process that gave it") {
  const scratch_folder folder;
  const auto make = maker_in(folder);
  driver d{make.open()};
  const job held = d.add();
  const auto given = d.one(store_op::claim{{"node/worker-1"}, "host-1", lease_time}).jobs;
  REQUIRE(ids_of(given) == std::vector<job_id>{held.id});
  d.store = make.reopen(std::move(d.store));
  CHECK(d.one(store_op::find_expired{}).jobs.empty());
  CHECK_FALSE(d.one(store_op::renew{current_attempt(given[0]), lease_time}).error);
}

TEST_CASE("a second process cannot open the same file") {
  const scratch_folder folder;
  auto first = open_at(folder.file());
  const auto second = open_sqlite_job_store(folder.file());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == error_class::conflict);
  CHECK(second.error().message.find(folder.file().string()) != std::string::npos);
  first.reset();
  CHECK(open_sqlite_job_store(folder.file()));
}

TEST_CASE("the SQLite job store behaves as its model does") {
  const scratch_folder folder;
  check_against_model(maker_in(folder), 300);
}

TEST_CASE("the SQLite job store blocks") {
  const scratch_folder folder;
  CHECK(open_at(folder.file())->is_blocking());
}

/// What a process under test tells that it was answered.
struct acknowledgement {
  enum class kind : std::uint8_t { accepted, completed } what = kind::accepted;
  job_id id;
};

/// Takes jobs in and works on them until it is killed.
[[noreturn]] void work_until_killed(const fs::path& file, timestamp now, int acknowledgements) {
  auto opened = open_sqlite_job_store(file);
  if (!opened) {
    _exit(1);
  }
  std::vector<job> running;
  for (;;) {
    now += milliseconds{1};
    std::vector<store_change> batch;
    for (int i = 0; i < 3; ++i) {
      job j;
      j.id = job_id{make_uuid_v7(now)};
      j.request.user_id = i == 0 ? "ann" : "bob";
      batch.emplace_back(store_op::enqueue{j});
    }
    for (const job& j : running) {
      batch.emplace_back(store_op::complete{current_attempt(j), {}});
    }
    batch.emplace_back(store_op::claim{{"w1", "w2"}, "host", lease_time});
    store_outcome outcome = (*opened)->execute(batch, now);
    running = outcome.replies.back().jobs;
    for (std::size_t i = 0; i + 1 < batch.size(); ++i) {
      const auto what = i < 3 ? acknowledgement::kind::accepted : acknowledgement::kind::completed;
      const acknowledgement said{what, outcome.replies[i].jobs.at(0).id};
      if (write(acknowledgements, &said, sizeof(said)) != sizeof(said)) {
        _exit(1);
      }
    }
  }
}

/// Runs such a process, kills it once it has told that much, and returns all that it told.
std::vector<acknowledgement> work_and_kill(
    const fs::path& file, timestamp now, std::size_t patience
) {
  int ends[2] = {-1, -1};
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    work_until_killed(file, now, ends[1]);
  }
  close(ends[1]);
  std::vector<acknowledgement> told;
  acknowledgement next;
  while (read(ends[0], &next, sizeof(next)) == sizeof(next)) {
    told.push_back(next);
    if (told.size() == patience) {
      kill(child, SIGKILL);
    }
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  return told;
}

TEST_CASE("nothing that the SQLite job store has answered is lost by kill -9") {
  const scratch_folder folder;
  const std::uint32_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::size_t accepted = 0;
  // Processes forked from one make the same ids at the same time.
  timestamp start{milliseconds{1'800'000'000'000}};
  for (int round = 0; round < 6; ++round) {
    start += milliseconds{3'600'000};
    const std::size_t patience = std::uniform_int_distribution<std::size_t>{1, 300}(random);
    const auto told = work_and_kill(folder.file(), start, patience);
    REQUIRE(told.size() >= patience);
    driver d{open_at(folder.file())};
    d.now = start + milliseconds{60'000};
    for (const acknowledgement& a : told) {
      const job j = d.stored(a.id);
      if (a.what == acknowledgement::kind::completed) {
        REQUIRE(j.status == job_status::completed);
      } else {
        ++accepted;
      }
    }
    CHECK(d.store->counts()->accepted >= accepted);
    check_consistency(d);
    d.one(store_op::reclaim{"host"});
    CHECK(d.last.counts.processing == 0);
  }
}

/// Lets no file of this process grow beyond a size: a full disk without a disk of our own.
class file_size_limit {
 public:
  explicit file_size_limit(std::uintmax_t bytes) {
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    former_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, former_handler_);
  }

 private:
  rlimit before_{};
  void (*former_handler_)(int) = nullptr;
};

TEST_CASE("on a full disk a batch changes nothing, and the next goes on once there is space") {
  const scratch_folder folder;
  driver d{open_at(folder.file())};
  d.add("ann");
  std::vector<job_id> refused;
  {
    const file_size_limit limit{fs::file_size(folder.file().string() + "-wal") + 65'536};
    for (int i = 0; i < 100 && refused.empty(); ++i) {
      std::vector<store_change> batch;
      for (int n = 0; n < 10; ++n) {
        batch.emplace_back(store_op::enqueue{d.new_job("bob")});
      }
      const auto before = d.all({}).size();
      const auto outcome = d.store->execute(batch, d.now);
      if (outcome.replies.front().error) {
        for (std::size_t n = 0; n < batch.size(); ++n) {
          CHECK(outcome.replies[n].error.kind == error_class::unavailable);
          CHECK(outcome.replies[n].jobs.empty());
          refused.push_back(std::get<store_op::enqueue>(batch[n]).value.id);
        }
        CHECK(d.all({}).size() == before);
        CHECK(outcome.counts.accepted == before);
      }
    }
  }
  REQUIRE_FALSE(refused.empty());
  for (const job_id& id : refused) {
    CHECK(d.store->find(id).error().kind == error_class::not_found);
  }
  const auto turns = d.claim(3);
  CHECK(users_of(turns) == std::vector<std::string>{"ann", "bob", "bob"});
  d.add("cat");
  d.store = maker_in(folder).reopen(std::move(d.store));
  check_consistency(d);
}

TEST_CASE("a file that another connection keeps locked makes the SQLite job store unavailable") {
  const scratch_folder folder;
  driver d{open_at(folder.file())};
  const job first = d.add();
  {
    auto other = sqlite_database::open(folder.file());
    REQUIRE(other);
    const auto lock = other->begin();
    REQUIRE(lock);
    CHECK(d.one(store_op::cancel{first.id}).error.kind == error_class::unavailable);
    CHECK(d.last.counts.pending == 1);
    CHECK(d.stored(first.id) == first);
  }
  CHECK(d.one(store_op::cancel{first.id}).jobs.at(0).status == job_status::cancelled);
}

TEST_CASE("a file of a newer version is refused") {
  const scratch_folder folder;
  open_at(folder.file());
  {
    auto database = sqlite_database::open(folder.file());
    REQUIRE(database);
    REQUIRE(database->exec("UPDATE schema_versions SET version = 999"));
  }
  const auto refused = open_sqlite_job_store(folder.file());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
}

TEST_CASE("a job that is damaged in the file is reported, not invented") {
  const scratch_folder folder;
  driver d{open_at(folder.file())};
  const job first = d.add();
  {
    auto database = sqlite_database::open(folder.file());
    REQUIRE(database);
    REQUIRE(database->exec("UPDATE jobs SET data = x'0105'"));
  }
  CHECK(d.store->find(first.id).error().kind == error_class::internal_bug);
  CHECK(d.store->list({}).error().kind == error_class::internal_bug);
}

}  // namespace

}  // namespace stayler::adapters::conformance
