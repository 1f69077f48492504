// SPDX-License-Identifier: MIT

// A queue in a cluster, and one that Sentinels watch: jobs go on over each change of the server.

#include "adapters/limit_exchange/redis_limit_exchange.hpp"
#include "tests/integration/job_store/conformance/driver.hpp"
#include "tests/integration/job_store/redis_fixture.hpp"
#include "tests/support/servers/redis/redis_cluster.hpp"
#include "tests/support/servers/redis/redis_sentinel.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace stayler::adapters::conformance {

namespace {

constexpr std::size_t job_total = 500;
constexpr std::size_t jobs_per_batch = 10;

redis_options reached_by(const std::string& url) {
  auto options = parse_redis_url(url);
  REQUIRE(options);
  options->connect_timeout = options->command_timeout = milliseconds{500};
  return *std::move(options);
}

driver open_by(const std::string& url) {
  auto opened = open_redis_job_store({reached_by(url), "test", time_source::server});
  REQUIRE(opened);
  return driver{std::move(*opened)};
}

/// What a queue does all day, with the patience of its callers: what was refused for an outage is
/// said again.
class load {
 public:
  explicit load(driver& d) : d_(d) {}

  /// Adds jobs and works on some until `count` have been accepted.
  void until_accepted(std::size_t count) {
    becomes_true([&] {
      step();
      return accepted_.size() >= count;
    });
  }

  void until_done() {
    becomes_true([&] {
      step();
      return completed_.size() >= accepted_.size();
    });
    CHECK(completed_ == accepted_);
    CHECK(d_.all({{job_status::processing}, {}, "", "", {}, {}, 500}).empty());
    CHECK(d_.store->counts()->accepted == accepted_.size());
  }

  [[nodiscard]] int refused() const { return refused_; }

 private:
  void becomes_true(const std::function<bool()>& holds) {
    REQUIRE(becomes(holds, std::chrono::seconds{60}, milliseconds{0}));
  }

  void step() {
    std::vector<store_change> batch;
    // The ids stay until they are known to be there: to add one twice is to find the first.
    while (wanted_.size() < jobs_per_batch && accepted_.size() + wanted_.size() < job_total) {
      wanted_.push_back(d_.new_job("user-" + std::to_string(wanted_.size())));
    }
    for (const job& each : wanted_) {
      batch.emplace_back(store_op::enqueue{each});
    }
    for (const job& each : running_) {
      batch.emplace_back(store_op::complete{current_attempt(each), {}});
    }
    batch.emplace_back(store_op::claim{
        std::vector<std::string>(jobs_per_batch, "w"), "host", lease_time});
    const auto outcome = d_.store->execute(batch, d_.now);
    std::vector<job> still_wanted;
    std::vector<job> still_running;
    for (std::size_t i = 0; i + 1 < batch.size(); ++i) {
      const bool is_new = i < wanted_.size();
      const job& subject = is_new ? wanted_[i] : running_[i - wanted_.size()];
      if (was_refused(outcome.replies[i])) {
        (is_new ? still_wanted : still_running).push_back(subject);
      } else {
        (is_new ? accepted_ : completed_).insert(subject.id);
      }
    }
    wanted_ = std::move(still_wanted);
    running_ = std::move(still_running);
    if (!was_refused(outcome.replies.back())) {
      const auto& claimed = outcome.replies.back().jobs;
      running_.insert(running_.end(), claimed.begin(), claimed.end());
    }
  }

  bool was_refused(const store_reply& reply) {
    if (!reply.error) {
      return false;
    }
    INFO(reply.error.message);
    REQUIRE(reply.error.kind == error_class::unavailable);
    ++refused_;
    return true;
  }

  driver& d_;
  std::vector<job> wanted_;
  std::vector<job> running_;
  std::set<job_id> accepted_;
  std::set<job_id> completed_;
  int refused_ = 0;
};

/// The exchange of limits follows, too: to one that shares its record later.
void check_exchange(limit_exchange& one, limit_exchange& other, const std::string& record) {
  CHECK(becomes([&] {
    const auto told = one.share(record);
    const auto heard = other.share("other");
    return told && heard && std::ranges::find(*heard, record) != heard->end();
  }));
}

std::unique_ptr<limit_exchange> exchange_at(const std::string& url, const std::string& name) {
  return make_redis_limit_exchange({reached_by(url), "test", name});
}

}  // namespace

TEST_CASE("no job is lost when the cluster's owner of a queue changes, by hand, by kill or by move"
) {
  test::redis_cluster cluster{"{test}"};
  const std::string url = cluster.bystander().url();
  driver d = open_by(url);
  load all{d};
  const auto one = exchange_at(url, "one");
  const auto two = exchange_at(cluster.owner().url(), "two");
  all.until_accepted(job_total / 4);
  check_exchange(*one, *two, "before");
  SECTION("the replica takes over") {
    cluster.hand_over();
    all.until_accepted(job_total / 2);
  }
  SECTION("the owner is killed") {
    cluster.kill_owner();
    all.until_accepted(job_total / 2);
    CHECK(cluster.is_owner(cluster.replica().port()));
    CHECK(all.refused() > 0);
  }
  SECTION("the slot goes to another node") {
    cluster.begin_moving();
    CHECK(d.one(store_op::enqueue{d.new_job()}).error.kind == error_class::unavailable);
    cluster.end_moving();
    // A slot that has moved costs nobody anything.
    const int refused = all.refused();
    all.until_accepted(job_total / 2);
    CHECK(all.refused() == refused);
    CHECK(cluster.is_owner(cluster.bystander().port()));
  }
  all.until_done();
  check_exchange(*one, *two, "after");
}

TEST_CASE("no job is lost when a Sentinel has the replica take over") {
  test::redis_sentinel redis;
  driver d = open_by(redis.url());
  load all{d};
  all.until_accepted(job_total / 4);
  redis.kill_master();
  all.until_accepted(job_total / 2);
  CHECK(redis.master_port() == redis.replica().port());
  // The old master comes back as what it was, until the Sentinel tells it otherwise.
  redis.master().start();
  all.until_done();
}

}  // namespace stayler::adapters::conformance
