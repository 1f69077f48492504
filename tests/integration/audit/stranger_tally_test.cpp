// SPDX-License-Identifier: MIT

// Calls without a known key leave one audit record for each address and minute.

#include "adapters/audit/stranger_tally.hpp"

#include "tests/support/catch.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using adapters::stranger_tally;

namespace {

class kept_sums final : public adapters::audit_trail {
 public:
  void add(const adapters::audit_record& record) override {
    const std::lock_guard lock{mutex_};
    ++records_;
    calls_[record.who] += record.calls;
    news_.notify_all();
  }

  void await(std::size_t records) {
    std::unique_lock lock{mutex_};
    REQUIRE(news_.wait_for(lock, 10s, [&] { return records_ >= records; }));
  }

  [[nodiscard]] std::size_t records() {
    const std::lock_guard lock{mutex_};
    return records_;
  }

  [[nodiscard]] std::map<std::string, std::uint64_t> calls() {
    const std::lock_guard lock{mutex_};
    return calls_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::size_t records_ = 0;
  std::map<std::string, std::uint64_t> calls_;
};

using sums = std::map<std::string, std::uint64_t>;

const auto clock_used = std::make_shared<adapters::system_wall_clock>();

}  // namespace

TEST_CASE("a minute's calls of an address are one record, which comes when it is over") {
  const auto trail = std::make_shared<kept_sums>();
  stranger_tally tally{trail, clock_used, 20ms};
  tally.count("192.0.2.7");
  trail->await(1);
  tally.count("192.0.2.7");
  trail->await(2);
  CHECK(trail->calls() == sums{{"192.0.2.7", 2}});
}

TEST_CASE("what is summed up when the tally ends is recorded") {
  const auto trail = std::make_shared<kept_sums>();
  {
    stranger_tally tally{trail, clock_used, 1h};
    for (int i = 0; i < 1'000; ++i) {
      tally.count("192.0.2.7");
    }
    tally.count("2001:db8::/64");
    CHECK(trail->records() == 0);
  }
  CHECK(trail->records() == 2);
  CHECK(trail->calls() == sums{{"192.0.2.7", 1'000}, {"2001:db8::/64", 1}});
}

TEST_CASE("addresses beyond a number are summed up together, and none is lost") {
  const auto trail = std::make_shared<kept_sums>();
  {
    stranger_tally tally{trail, clock_used, 1h, 2};
    for (const auto* each : {"a", "b", "c", "d", "a", "d"}) {
      tally.count(each);
    }
  }
  CHECK(trail->calls() == sums{{"a", 2}, {"b", 1}, {"other addresses", 3}});
}

TEST_CASE("without such calls there are no records") {
  const auto trail = std::make_shared<kept_sums>();
  { const stranger_tally tally{trail, clock_used, 1ms}; }
  CHECK(trail->records() == 0);
}
