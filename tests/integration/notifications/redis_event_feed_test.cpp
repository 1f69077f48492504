// SPDX-License-Identifier: MIT

// Coordinators that share a queue tell of each other's jobs, through a real Redis.

#include "adapters/event_feed/redis_event_feed.hpp"

#include "adapters/event_feed/memory_event_feed.hpp"
#include "adapters/job_store/decorators/event_publishing_job_store.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "adapters/redis/connection/redis_connection.hpp"
#include "tests/integration/job_store/job_store_conformance.hpp"
#include "tests/support/servers/redis/redis_cluster.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <vector>

namespace stayler::adapters::conformance {

namespace {

using namespace std::chrono_literals;
using test::redis_process;

redis_options at(const redis_process& server) {
  auto options = parse_redis_url(server.url());
  REQUIRE(options);
  return *options;
}

redis_reply tell(const redis_process& server, std::initializer_list<std::string_view> command) {
  auto connection = redis_connection::open(at(server));
  REQUIRE(connection);
  auto reply = connection->command(command);
  REQUIRE(reply);
  return std::move(*reply);
}

feed_event numbered(std::uint32_t number) {
  feed_event event;
  event.progress.percent = number;
  event.user_id = "ann";
  return event;
}

std::vector<feed_event> numbered_from(std::uint32_t first, std::uint32_t count) {
  std::vector<feed_event> events;
  for (std::uint32_t i = 0; i < count; ++i) {
    events.push_back(numbered(first + i));
  }
  return events;
}

/// A coordinator's feed, read from its beginning or from a place.
class reader {
 public:
  explicit reader(const redis_process& server) : reader(at(server)) {}
  explicit reader(redis_options server, const encryption_keys& keys = {})
      : feed(make_redis_event_feed({std::move(server), "test", keys})),
        subscription_(feed->subscribe([this] {
          const std::lock_guard lock{mutex_};
          is_told_ = true;
          changed_.notify_all();
        })) {}

  /// Reads until so many have been seen, or nothing comes for long.
  bool sees(std::size_t count) {
    for (;;) {
      {
        const std::lock_guard lock{mutex_};
        is_told_ = false;
      }
      take();
      if (seen.size() >= count) {
        return seen.size() == count;
      }
      std::unique_lock lock{mutex_};
      if (!changed_.wait_for(lock, 20s, [this] { return is_told_; })) {
        return false;
      }
    }
  }

  std::shared_ptr<event_feed> feed;
  feed_place place;
  std::vector<std::uint32_t> seen;
  int gaps = 0;  ///< after the first event: what was before that, nobody knows

 private:
  void take() {
    feed_page page;
    do {
      page = feed->after(place, {});
      gaps += page.has_gap && !seen.empty() ? 1 : 0;
      place = page.next;
      for (const placed_event& each : page.events) {
        seen.push_back(each.what.progress.percent);
      }
    } while (page.has_more);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_told_ = false;
  std::shared_ptr<void> subscription_;
};

std::vector<std::uint32_t> up_to(std::uint32_t count) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    all.push_back(i);
  }
  return all;
}

}  // namespace

TEST_CASE("encrypted events are read by who has the key, and tell nobody else anything") {
  const redis_process server;
  const auto key = make_encryption_key("k1");
  REQUIRE(key);
  const auto keys = encryption_keys::parse(*key).value();
  reader one{at(server), keys};
  reader two{at(server), keys};
  auto events = numbered_from(1, 3);
  events.front().user_id = "user-erika";
  one.feed->publish(events);
  CHECK(one.sees(3));
  CHECK(two.sees(3));
  auto connection = redis_connection::open(at(server));
  REQUIRE(connection);
  const auto entry = connection->command({"XRANGE", "{test}:events", "-", "+"});
  REQUIRE(entry);
  const std::string content{entry->value()[0][1][1].text()};
  CHECK(content.size() > 40);
  CHECK(content.find("user-erika") == std::string::npos);
  // Without the key they are events that are missing.
  reader stranger{server};
  one.feed->publish(numbered_from(4, 1));
  CHECK(one.sees(4));
  CHECK(stranger.seen.empty());
}

TEST_CASE("coordinators see each other's events under the same ids, in the same order") {
  const redis_process server;
  reader one{server};
  reader two{server};
  one.feed->publish(numbered_from(0, 250));
  REQUIRE(one.sees(250));
  two.feed->publish(numbered_from(250, 250));
  REQUIRE(one.sees(500));
  REQUIRE(two.sees(500));
  CHECK(one.seen == up_to(500));
  CHECK(two.seen == up_to(500));
  CHECK(one.place == two.place);

  SECTION("and one that comes later has what went before") {
    reader three{server};
    three.place = one.place;
    one.feed->publish(numbered_from(500, 1));
    REQUIRE(three.sees(1));
    CHECK(three.seen.front() == 500);
    CHECK(three.gaps == 0);
    three.place = {};
    CHECK(three.feed->after({}, {}).has_gap);
  }
}

TEST_CASE("events that are published together take one entry of the stream") {
  const redis_process server;
  reader one{server};
  one.feed->publish(numbered_from(0, 100));
  REQUIRE(one.sees(100));
  CHECK(tell(server, {"XLEN", "{test}:events"}).value().number() == 1);
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    one.feed->publish({numbered(100 + i)});
  }
  REQUIRE(one.sees(1'100));
  // What came while others were on their way went out together.
  CHECK(tell(server, {"XLEN", "{test}:events"}).value().number() < 900);
}

TEST_CASE("events wait for a Redis that is away, and readers miss none") {
  redis_process server;
  reader one{server};
  reader two{server};
  one.feed->publish(numbered_from(0, 3));
  REQUIRE(one.sees(3));
  REQUIRE(two.sees(3));
  SECTION("stopped and started again") {
    server.stop();
    one.feed->publish(numbered_from(3, 150));
    server.start();
  }
  SECTION("killed") {
    server.kill9();
    one.feed->publish(numbered_from(3, 150));
    server.start();
  }
  SECTION("with all connections broken") {
    tell(server, {"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    one.feed->publish(numbered_from(3, 150));
  }
  REQUIRE(two.sees(153));
  CHECK(two.seen == up_to(153));
  CHECK(two.gaps == 0);
}

TEST_CASE("events that a full Redis refuses are a gap, which readers see") {
  const redis_process server;
  reader one{server};
  one.feed->publish(numbered_from(0, 3));
  REQUIRE(one.sees(3));
  tell(server, {"CONFIG", "SET", "maxmemory", "1"});
  one.feed->publish(numbered_from(3, 3));
  // Until the refusal is there: the next commands go out after it.
  const auto is_refused = [&] {
    const auto info = tell(server, {"INFO", "errorstats"});
    return info.value().text().find("OOM") != std::string_view::npos;
  };
  const auto patience = std::chrono::steady_clock::now() + 20s;
  while (!is_refused()) {
    REQUIRE(std::chrono::steady_clock::now() < patience);
  }
  tell(server, {"CONFIG", "SET", "maxmemory", "0"});
  one.feed->publish(numbered_from(6, 3));
  REQUIRE(one.sees(6));
  CHECK(one.seen == std::vector<std::uint32_t>{0, 1, 2, 6, 7, 8});
  CHECK(one.gaps == 1);
}

TEST_CASE("events go on when another node of the cluster takes the stream over") {
  test::redis_cluster cluster{"{test}"};
  auto from = at(cluster.bystander());
  from.command_timeout = from.connect_timeout = 500ms;
  reader one{from};
  reader two{from};
  one.feed->publish(numbered_from(0, 3));
  REQUIRE(two.sees(3));
  cluster.kill_owner();
  one.feed->publish(numbered_from(3, 3));
  REQUIRE(two.sees(6));
  CHECK(two.seen == up_to(6));
  CHECK(two.gaps == 0);
}

TEST_CASE("a store tells the feed of pauses, and of their ends") {
  const auto feed = make_memory_event_feed();
  driver d{make_event_publishing_job_store(make_memory_job_store(), feed)};
  feed_place place = feed->newest();
  const auto told = [&](const feed_filter& filter = {}) {
    auto page = feed->after(place, filter);
    place = page.next;
    return std::move(page.events);
  };
  const timestamp end = d.now + milliseconds{1'000};
  d.one(store_op::resume{});
  CHECK(told().empty());
  const auto made = d.one(store_op::pause{{job_type::image_conversion, {}, end, "ops", "keys"}});
  auto events = told();
  REQUIRE(events.size() == 1);
  CHECK(events.front().what == make_pause_event(feed_subject::pause, *made.pause.after, d.now));
  d.one(store_op::resume{job_type::image_conversion, "ann"});
  events = told();
  REQUIRE(events.size() == 1);
  CHECK(events.front().what.subject == feed_subject::resume);
  CHECK(events.front().what.pause.by == "ann");
  d.one(store_op::pause{{job_type::image_conversion, {}, end, "ops", "keys"}});
  d.now = end + milliseconds{500};
  d.one(store_op::find_expired{});
  events = told({.job = {}, .statuses = {}, .types = {job_type::image_conversion}, .user_id = {}});
  REQUIRE(events.size() == 2);
  CHECK(events.back().what.subject == feed_subject::resume);
  CHECK(events.back().what.pause.by.empty());
  CHECK(events.back().what.at == end);
  d.one(store_op::pause{{}});
  CHECK(told({.job = {}, .statuses = {job_status::pending}, .types = {}, .user_id = {}}).empty());
}

TEST_CASE("a store tells the feed what its changes did, and nothing else") {
  const auto feed = make_memory_event_feed();
  driver d{make_event_publishing_job_store(make_memory_job_store(), feed)};
  feed_place place = feed->newest();
  const auto told = [&] {
    const auto page = feed->after(place, {});
    place = page.next;
    std::string text;
    for (const auto& each : page.events) {
      text.append(to_string(each.what.status)).append(" ");
      text.append(
          each.what.status == job_status::processing
              ? std::to_string(each.what.progress.percent) + " "
              : ""
      );
    }
    return text;
  };
  const job added = d.add();
  CHECK(told() == "pending ");
  job running = d.claim_one();
  const attempt_id attempt = current_attempt(running);
  CHECK(told() == "processing 0 ");
  d.one(store_op::update_progress{attempt, {job_stage::converting, 40}});
  d.one(store_op::update_progress{attempt, {job_stage::downloading, 5}});
  d.one(store_op::renew{attempt, lease_time});
  d.one(store_op::find_expired{});
  CHECK(told() == "processing 40 ");
  d.one(store_op::requeue{
      attempt, store_op::end_of_lease::failed, error_of(error_class::timeout),
      d.now + milliseconds{1}});
  CHECK(told() == "scheduled ");
  d.one(store_op::update_progress{attempt, {job_stage::uploading, 90}});
  CHECK(told().empty());
  d.now += milliseconds{1};
  running = d.claim_one();
  d.one(store_op::complete{current_attempt(running), {}});
  CHECK(told() == "processing 0 completed ");
  d.one(store_op::cancel{added.id});
  CHECK(told().empty());
  const job other = d.add();
  d.one(store_op::prioritize{other.id});
  d.one(store_op::cancel{other.id});
  CHECK(told() == "pending pending cancelled ");
}

TEST_CASE("events that are to be forgotten are gone from Redis and from each coordinator") {
  const redis_process server;
  reader one{server};
  reader other{server};
  one.feed->publish(numbered_from(1, 3));
  REQUIRE(one.sees(3));
  REQUIRE(other.sees(3));
  std::promise<bool> forgotten;
  one.feed->forget_all([&forgotten](const void_result& done) {
    forgotten.set_value(done.has_value());
  });
  CHECK(forgotten.get_future().get());
  CHECK(tell(server, {"XLEN", "{test}:events"}).value().number() == 1);
  one.feed->publish(numbered_from(4, 1));
  CHECK(one.sees(4));
  CHECK(other.sees(4));
  // Who begins anew finds what came since.
  reader later{server};
  CHECK(later.sees(1));
  CHECK(other.feed->after({}, {}).events.size() == 1);
}

TEST_CASE("a feed in memory forgets, and who has read all has no gap") {
  const auto feed = make_memory_event_feed();
  feed->publish(numbered_from(1, 2));
  const feed_place read = feed->newest();
  bool is_done = false;
  feed->forget_all([&is_done](const void_result& done) { is_done = done.has_value(); });
  CHECK(is_done);
  CHECK(feed->after({}, {}).has_gap);
  CHECK(feed->after({}, {}).events.empty());
  feed->publish(numbered_from(3, 1));
  CHECK_FALSE(feed->after(read, {}).has_gap);
  CHECK(feed->after(read, {}).events.size() == 1);
}

}  // namespace stayler::adapters::conformance
