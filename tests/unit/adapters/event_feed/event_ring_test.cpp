// SPDX-License-Identifier: MIT

// What followers of events are promised: order, no hole that is not said, and a bound.

#include "adapters/event_feed/event_feed.hpp"
#include "adapters/event_feed/memory_event_feed.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <set>
#include <vector>

namespace stayler::adapters {

namespace {

const job_id first_job{make_uuid_v7(timestamp{milliseconds{1}})};
const job_id other_job{make_uuid_v7(timestamp{milliseconds{2}})};

feed_event event_of(
    const job_id& job, job_status status = job_status::pending, std::uint32_t percent = 0
) {
  feed_event event;
  event.job = job;
  event.user_id = "ann";
  event.status = status;
  event.attempt = fencing_token{status == job_status::pending ? 0U : 1U};
  event.progress.percent = percent;
  return event;
}

placed_event at(std::uint64_t number, const job_id& job = first_job) {
  return {{1, number, 0}, event_of(job)};
}

std::vector<std::uint64_t> numbers_in(const feed_page& page) {
  std::vector<std::uint64_t> numbers;
  for (const placed_event& each : page.events) {
    numbers.push_back(each.place.number);
  }
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the id of an event is read as it was written, and nothing else is one") {
  const feed_place place{1'764'000'000'123, 42, 7};
  CHECK(to_string(place) == "1764000000123-42-7");
  CHECK(parse_feed_place("1764000000123-42-7") == place);
  for (const char* wrong :
       {"", "1", "1-2", "1-2-", "1-2-3-4", "a-1-1", "1-2-x", " 1-2-3", "-1-2-3",
        "1-2-99999999999"}) {
    INFO(wrong);
    CHECK_FALSE(parse_feed_place(wrong));
  }
  CHECK(feed_place{1, 2, 3} < feed_place{1, 3, 0});
}

TEST_CASE("a reader gets each event once, in order, from where it was") {
  event_ring ring{10};
  ring.add({at(1), at(2), at(3)});
  CHECK(numbers_in(ring.after({}, {})) == numbers{1, 2, 3});
  const auto page = ring.after({1, 1, 0}, {});
  CHECK(numbers_in(page) == numbers{2, 3});
  CHECK(page.next == feed_place{1, 3, 0});
  CHECK_FALSE(page.has_gap);
  CHECK(ring.after(page.next, {}).events.empty());
  ring.add({at(3), at(4)});
  CHECK(numbers_in(ring.after(page.next, {})) == numbers{4});
  CHECK(ring.newest() == feed_place{1, 4, 0});
}

TEST_CASE("what the ring has no room for any more is a gap, and said to be one") {
  event_ring ring{3};
  ring.add({at(1), at(2), at(3), at(4), at(5)});
  CHECK(ring.oldest() == feed_place{1, 2, 0});
  CHECK_FALSE(ring.after({1, 2, 0}, {}).has_gap);
  CHECK(numbers_in(ring.after({1, 2, 0}, {})) == numbers{3, 4, 5});
  const auto behind = ring.after({1, 1, 0}, {});
  CHECK(behind.has_gap);
  CHECK(numbers_in(behind) == numbers{3, 4, 5});
  CHECK_FALSE(ring.after(behind.next, {}).has_gap);

  ring.forget_before({1, 9, 0});
  CHECK(ring.after({1, 5, 0}, {}).has_gap);
  ring.add({at(10)});
  CHECK(numbers_in(ring.after({1, 9, 0}, {})) == numbers{10});
}

TEST_CASE("a reader of one job passes over the others, in pages of bounded length") {
  event_ring ring{20'000};
  std::vector<placed_event> events;
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    events.push_back(at(i, i % 1'000 == 0 ? first_job : other_job));
  }
  ring.add(std::move(events));
  feed_filter wanted;
  wanted.job = first_job;
  std::vector<std::uint64_t> seen;
  feed_page page;
  int pages = 0;
  do {
    page = ring.after(page.next, wanted);
    const auto found = numbers_in(page);
    seen.insert(seen.end(), found.begin(), found.end());
    ++pages;
  } while (page.has_more);
  CHECK(seen.size() == 10);
  CHECK(seen.back() == 10'000);
  CHECK(pages > 2);
  CHECK(ring.after({}, {}).events.size() < 100);
}

TEST_CASE("events are chosen by status, type and user") {
  const feed_event event = event_of(first_job, job_status::completed);
  feed_filter wanted;
  CHECK(matches(event, wanted));
  wanted.user_id = "ann";
  wanted.statuses = {job_status::failed, job_status::completed};
  wanted.types = {job_type::image_conversion};
  CHECK(matches(event, wanted));
  wanted.types = {job_type::image_processing};
  CHECK_FALSE(matches(event, wanted));
  wanted.types.clear();
  wanted.statuses = {job_status::failed};
  CHECK_FALSE(matches(event, wanted));
  wanted.statuses.clear();
  wanted.user_id = "bob";
  CHECK_FALSE(matches(event, wanted));
}

TEST_CASE("an event that is behind what is known is recognized") {
  using enum job_status;
  const feed_event waiting = event_of(first_job, pending);
  const feed_event early = event_of(first_job, processing, 5);
  const feed_event late = event_of(first_job, processing, 60);
  const feed_event done = event_of(first_job, completed);
  CHECK(is_behind(waiting, early));
  CHECK(is_behind(early, late));
  CHECK(is_behind(late, done));
  CHECK(is_behind(late, late));
  CHECK_FALSE(is_behind(early, waiting));
  CHECK_FALSE(is_behind(late, early));
  CHECK_FALSE(is_behind(done, late));
  SECTION("a further attempt begins anew") {
    feed_event again = early;
    again.attempt = fencing_token{2};
    CHECK_FALSE(is_behind(again, late));
    feed_event back = event_of(first_job, scheduled);
    CHECK_FALSE(is_behind(back, late));
    CHECK_FALSE(is_behind(again, back));
  }
}

TEST_CASE("the feed of a process knows its own ids, and those of an earlier one not") {
  const auto feed = make_memory_event_feed();
  const feed_place start = feed->newest();
  feed->publish({event_of(first_job), event_of(other_job)});
  CHECK(feed->after(start, {}).events.size() == 2);
  CHECK(feed->reaches_back_to(start));
  CHECK(feed->reaches_back_to(feed->newest()));
  CHECK_FALSE(feed->reaches_back_to({}));
  CHECK_FALSE(feed->reaches_back_to({start.time - 5'000, 1, 0}));
  CHECK_FALSE(feed->reaches_back_to({start.time, 3, 0}));
}

TEST_CASE("a feed tells its subscribers until they let go") {
  const auto feed = make_memory_event_feed();
  int told = 0;
  auto subscription = feed->subscribe([&] { ++told; });
  feed->publish({event_of(first_job)});
  CHECK(told == 1);
  subscription.reset();
  feed->publish({event_of(first_job)});
  CHECK(told == 1);
}

}  // namespace stayler::adapters
