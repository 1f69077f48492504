// SPDX-License-Identifier: MIT
#pragma once

// The contract of outbox as promises that every outbox has to keep: one suite for all of them. Each
// check_... is the body of one test case.

#include "adapters/outbox/outbox.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters::conformance {

/// Opens the outbox of one test case, empty at first; where it is durable, each time on the same
/// data and for the same process.
struct outbox_maker {
  std::function<std::unique_ptr<outbox>()> open;
};

using ids = std::vector<std::string>;

inline timestamp at(int second) {
  return timestamp{std::chrono::seconds{1'800'000'000 + second}};
}

/// An entry with every field set.
inline outbox_entry entry(
    const std::string& event_id, int second = 0, const std::string& user = "u1"
) {
  outbox_entry made;
  made.event.event_id = event_id;
  made.event.event = "conversion.failed";
  made.event.at = at(second);
  made.event.job.value.bytes[3] = 7;
  made.event.conversion_id = "c-1";
  made.event.user_id = user;
  made.event.result = {"result-image", 768, 1'024, "image/png", 123'456, true, "v3"};
  made.event.error = {error_class::rate_limited, "slow down", milliseconds{34'400}};
  made.created_at = at(second);
  made.due_at = at(second + 1);
  made.tries = 2;
  made.opened_at = at(second);
  made.problem = delivery_problem::redirect;
  made.error = "the receiver redirects";
  made.event.webhook_url = "https://hooks.example.com/a?token=b";
  return made;
}

inline outbox_update ended(const std::string& event_id, outbox_state how, int second = 10) {
  return {event_id, how, at(second), 3, delivery_problem::failing, "it fails"};
}

inline std::vector<outbox_entry> open_entries(outbox& from) {
  auto listed = from.list_open();
  INFO((listed ? "" : listed.error().message));
  REQUIRE(listed);
  return std::move(*listed);
}

inline ids open_ids(outbox& from) {
  ids all;
  for (const auto& one : open_entries(from)) {
    all.push_back(one.event.event_id);
  }
  return all;
}

/// Adds the entries; the ids that were there already.
inline ids add(outbox& to, std::vector<outbox_entry> entries) {
  const auto known = to.execute({std::move(entries), {}});
  INFO((known ? "" : known.error().message));
  REQUIRE(known);
  return *known;
}

inline void update(outbox& to, outbox_update what) {
  const auto known = to.execute({{}, {std::move(what)}});
  REQUIRE(known);
}

/// What is added is open, whole, and listed by age.
inline void check_adding(const outbox_maker& maker) {
  const auto box = maker.open();
  CHECK(open_entries(*box).empty());
  CHECK(add(*box, {entry("late", 5), entry("early", 1)}).empty());
  CHECK(add(*box, {entry("middle", 3)}).empty());
  CHECK(
      open_entries(*box)
      == std::vector<outbox_entry>{entry("early", 1), entry("middle", 3), entry("late", 5)}
  );
}

/// Of several entries with one event id the first stands.
inline void check_repetition(const outbox_maker& maker) {
  const auto box = maker.open();
  CHECK(add(*box, {entry("e1", 0, "first")}).empty());
  CHECK(add(*box, {entry("e2"), entry("e1", 0, "second")}) == ids{"e1"});
  CHECK(add(*box, {entry("e3", 0, "first"), entry("e3", 0, "second")}) == ids{"e3"});
  for (const auto& one : open_entries(*box)) {
    CHECK(one.event.user_id != "second");
  }
}

/// What has ended is open no more, and its event id stays taken.
inline void check_endings(const outbox_maker& maker) {
  const auto box = maker.open();
  const auto how = GENERATE(outbox_state::delivered, outbox_state::given_up);
  add(*box, {entry("e1"), entry("e2")});
  update(*box, ended("e1", how));
  CHECK(open_ids(*box) == ids{"e2"});
  CHECK(add(*box, {entry("e1", 0, "second")}) == ids{"e1"});
  CHECK(open_ids(*box) == ids{"e2"});
}

/// A failed try changes when the next is due, the count of tries, and what was wrong.
inline void check_tries(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box, {entry("e1")});
  update(*box, {"e1", outbox_state::open, at(99), 4, delivery_problem::timeout, "too slow"});
  const auto open = open_entries(*box);
  REQUIRE(open.size() == 1);
  CHECK(open[0].due_at == at(99));
  CHECK(open[0].tries == 4);
  CHECK(open[0].problem == delivery_problem::timeout);
  CHECK(open[0].error == "too slow");
  CHECK(open[0].event == entry("e1").event);
}

/// The first end counts, and what is not there is not updated.
inline void check_first_end(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box, {entry("e1")});
  update(*box, ended("e1", outbox_state::delivered));
  update(*box, {"e1", outbox_state::open, at(99), 4});
  update(*box, ended("unknown", outbox_state::delivered));
  CHECK(open_ids(*box).empty());
  CHECK(add(*box, {entry("unknown")}).empty());
}

/// One batch may add an entry and end it.
inline void check_one_batch(const outbox_maker& maker) {
  const auto box = maker.open();
  const auto known = box->execute({{entry("e1")}, {ended("e1", outbox_state::delivered)}});
  REQUIRE(known);
  CHECK(known->empty());
  CHECK(open_ids(*box).empty());
}

/// What ended before its time is swept, given-up entries apart from delivered ones.
inline void check_purge(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box, {entry("open"), entry("old"), entry("older"), entry("recent"), entry("lost")});
  update(*box, ended("older", outbox_state::given_up, 10));
  update(*box, ended("old", outbox_state::delivered, 11));
  update(*box, ended("recent", outbox_state::delivered, 12));
  update(*box, ended("lost", outbox_state::given_up, 11));
  REQUIRE(box->purge({at(12), at(11)}));
  CHECK(open_ids(*box) == ids{"open"});
  CHECK(
      add(*box, {entry("old"), entry("older"), entry("recent"), entry("lost")})
      == ids{"recent", "lost"}
  );
}

/// Beyond a number the given-up entries that ended first are swept.
inline void check_surplus(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box, {entry("e1"), entry("e2"), entry("e3"), entry("e4")});
  update(*box, ended("e1", outbox_state::given_up, 12));
  update(*box, ended("e2", outbox_state::given_up, 10));
  update(*box, ended("e3", outbox_state::given_up, 11));
  update(*box, ended("e4", outbox_state::delivered, 9));
  REQUIRE(box->purge({at(0), at(0), 2}));
  CHECK(add(*box, {entry("e1"), entry("e2"), entry("e3"), entry("e4")}) == ids{"e1", "e3", "e4"});
}

inline notification_page page_of(outbox& from, const notification_filter& filter) {
  auto page = from.list(filter);
  INFO((page ? "" : page.error().message));
  REQUIRE(page);
  return std::move(*page);
}

inline ids ids_of(const notification_page& page) {
  ids all;
  for (const auto& one : page.notifications) {
    all.push_back(one.event.event_id);
  }
  return all;
}

inline ids listed(outbox& from, const notification_filter& filter) {
  return ids_of(page_of(from, filter));
}

/// All that is kept is listed, the newest first, with what became of it.
inline void check_listing(const outbox_maker& maker) {
  const auto box = maker.open();
  CHECK(page_of(*box, {}).notifications.empty());
  auto other = entry("e3", 3);
  other.event.event = "processing.failed";
  other.event.job.value.bytes[3] = 8;
  add(*box, {entry("e1", 1), entry("e2", 2), other});
  update(*box, ended("e2", outbox_state::given_up));
  const auto all = page_of(*box, {});
  CHECK(ids_of(all) == ids{"e3", "e2", "e1"});
  CHECK_FALSE(all.next);
  const auto& lost = all.notifications[1];
  CHECK(lost.event == entry("e2", 2).event);
  CHECK(lost.state == outbox_state::given_up);
  CHECK(lost.created_at == at(2));
  CHECK(lost.due_at == at(10));
  CHECK(lost.tries == 3);
  CHECK(lost.problem == delivery_problem::failing);
  CHECK(lost.error == "it fails");
  CHECK(all.notifications[0].state == outbox_state::open);

  CHECK(listed(*box, {{outbox_state::open}}) == ids{"e3", "e1"});
  CHECK(listed(*box, {{outbox_state::given_up, outbox_state::open}}) == ids{"e3", "e2", "e1"});
  CHECK(listed(*box, {{outbox_state::delivered}}).empty());
  CHECK(listed(*box, {{}, to_string(other.event.job)}) == ids{"e3"});
  CHECK(listed(*box, {{}, {}, "conversion.failed"}) == ids{"e2", "e1"});
  CHECK(listed(*box, {{}, {}, {}, "e1"}) == ids{"e1"});
  CHECK(listed(*box, {{outbox_state::given_up}, {}, {}, "e1"}).empty());
}

/// Pages follow one another without a gap or a repetition, also among entries of one moment.
inline void check_pages(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box, {entry("a", 1), entry("b", 2), entry("c", 2), entry("d", 2), entry("e", 3)});
  notification_filter filter;
  filter.limit = 2;
  ids seen;
  for (int pages = 0; pages < 9; ++pages) {
    const auto page = page_of(*box, filter);
    const auto found = ids_of(page);
    seen.insert(seen.end(), found.begin(), found.end());
    filter.after = page.next;
    if (!page.next) {
      CHECK(pages == 2);
      break;
    }
  }
  CHECK(seen == ids{"e", "d", "c", "b", "a"});
}

/// What has ended can be opened again, with no tries, and then ends as any other.
inline void check_reopening(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box, {entry("e1", 1), entry("e2", 2), entry("e3", 3), entry("e4", 4)});
  update(*box, ended("e1", outbox_state::given_up));
  update(*box, ended("e2", outbox_state::given_up));
  update(*box, ended("e3", outbox_state::delivered));
  notification_filter given_up{{outbox_state::given_up}};
  given_up.limit = 1;
  const auto reopened = box->reopen(given_up, at(50));
  REQUIRE(reopened);
  auto expected = entry("e1", 1);
  expected.due_at = at(50);
  expected.opened_at = at(50);
  expected.tries = 0;
  expected.problem = delivery_problem::failing;
  expected.error = "it fails";
  CHECK(*reopened == std::vector{expected});
  CHECK(open_ids(*box) == ids{"e1", "e4"});
  CHECK(box->reopen({{}, {}, {}, "e3"}, at(50))->size() == 1);
  CHECK(box->reopen({{}, {}, {}, "e4"}, at(50))->empty());
  CHECK(box->reopen({{outbox_state::given_up}, {}, "processing.failed"}, at(50))->empty());
  CHECK(open_ids(*box) == ids{"e1", "e3", "e4"});
  update(*box, ended("e1", outbox_state::delivered, 60));
  CHECK(open_ids(*box) == ids{"e3", "e4"});
}

/// What is about a user goes in whatever state it is, and others' stays.
inline void check_erasing(const outbox_maker& maker) {
  const auto box = maker.open();
  add(*box,
      {entry("e1", 1, "ann"), entry("e2", 2, "bob"), entry("e3", 3, "ann"), entry("e4", 4, "ann")});
  REQUIRE(box->execute(
      {{}, {ended("e3", outbox_state::delivered), ended("e4", outbox_state::given_up)}}
  ));
  CHECK(erase_notifications_of(*box, "ann").value() == 3);
  CHECK(erase_notifications_of(*box, "ann").value() == 0);
  const auto left = box->list({});
  REQUIRE(left);
  REQUIRE(left->notifications.size() == 1);
  CHECK(left->notifications[0].event.event_id == "e2");
  CHECK(box->remove({}));
  CHECK(box->remove({"e1", "none"}));
  // It may come again: nothing is known of it.
  CHECK(add(*box, {entry("e1", 5, "ann")}).empty());
}

/// A durable outbox holds what it has answered for when its process is killed.
inline void check_durability(const outbox_maker& maker) {
  const auto acknowledged = test::kill_while_storing([&](std::uint32_t n) {
    static const auto box = maker.open();
    return static_cast<bool>(box->execute({{entry(std::to_string(n), static_cast<int>(n))}, {}}));
  });
  const auto left = open_ids(*maker.open());
  REQUIRE(left.size() >= acknowledged);
  for (std::uint32_t n = 0; n < acknowledged; ++n) {
    REQUIRE(left[n] == std::to_string(n));
  }
}

inline void check_contract(const outbox_maker& maker) {
  SECTION("adding") {
    check_adding(maker);
  }
  SECTION("repetition") {
    check_repetition(maker);
  }
  SECTION("endings") {
    check_endings(maker);
  }
  SECTION("tries") {
    check_tries(maker);
  }
  SECTION("first end") {
    check_first_end(maker);
  }
  SECTION("one batch") {
    check_one_batch(maker);
  }
  SECTION("purge") {
    check_purge(maker);
  }
  SECTION("surplus") {
    check_surplus(maker);
  }
  SECTION("listing") {
    check_listing(maker);
  }
  SECTION("pages") {
    check_pages(maker);
  }
  SECTION("reopening") {
    check_reopening(maker);
  }
  SECTION("erasing") {
    check_erasing(maker);
  }
}

}  // namespace stayler::adapters::conformance
