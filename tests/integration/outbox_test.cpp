// SPDX-License-Identifier: MIT

// The contract of an outbox, against both kinds; and what only the durable one promises.
#include "adapters/outbox/outbox.hpp"

#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <functional>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

using ids = std::vector<std::string>;

timestamp at(int second) {
  return timestamp{std::chrono::seconds{1'800'000'000 + second}};
}

/// An entry with every field set.
outbox_entry entry(const std::string& event_id, int second = 0, const std::string& user = "u1") {
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
  return made;
}

outbox_update ended(const std::string& event_id, outbox_state how, int second = 10) {
  return {event_id, how, at(second), 3};
}

std::unique_ptr<outbox> open(const std::filesystem::path& file) {
  auto opened = open_sqlite_outbox(file);
  INFO((opened ? "" : opened.error().message));
  REQUIRE(opened);
  return std::move(*opened);
}

std::vector<outbox_entry> open_entries(outbox& from) {
  auto listed = from.list_open();
  INFO((listed ? "" : listed.error().message));
  REQUIRE(listed);
  return std::move(*listed);
}

ids open_ids(outbox& from) {
  ids all;
  for (const auto& one : open_entries(from)) {
    all.push_back(one.event.event_id);
  }
  return all;
}

/// Adds the entries; the ids that were there already.
ids add(outbox& to, std::vector<outbox_entry> entries) {
  const auto known = to.execute({std::move(entries), {}});
  INFO((known ? "" : known.error().message));
  REQUIRE(known);
  return *known;
}

void update(outbox& to, outbox_update what) {
  REQUIRE(to.execute({{}, {std::move(what)}}));
}

/// Each kind in turn.
struct any_outbox {
  temporary_folder folder;
  bool is_durable = GENERATE(false, true);
  std::unique_ptr<outbox> box =
      is_durable ? open(folder.path() / "stayler.db") : make_memory_outbox();
};

}  // namespace

TEST_CASE_METHOD(any_outbox, "what is added is open, whole, and listed by age") {
  CHECK(open_entries(*box).empty());
  CHECK(add(*box, {entry("late", 5), entry("early", 1)}).empty());
  CHECK(add(*box, {entry("middle", 3)}).empty());
  CHECK(
      open_entries(*box)
      == std::vector<outbox_entry>{entry("early", 1), entry("middle", 3), entry("late", 5)}
  );
  CHECK(box->is_blocking() == is_durable);
}

TEST_CASE_METHOD(any_outbox, "of several entries with one event id the first stands") {
  CHECK(add(*box, {entry("e1", 0, "first")}).empty());
  CHECK(add(*box, {entry("e2"), entry("e1", 0, "second")}) == ids{"e1"});
  CHECK(add(*box, {entry("e3", 0, "first"), entry("e3", 0, "second")}) == ids{"e3"});
  for (const auto& one : open_entries(*box)) {
    CHECK(one.event.user_id != "second");
  }
}

TEST_CASE_METHOD(any_outbox, "what has ended is open no more, and its event id stays taken") {
  const auto how = GENERATE(outbox_state::delivered, outbox_state::given_up);
  add(*box, {entry("e1"), entry("e2")});
  update(*box, ended("e1", how));
  CHECK(open_ids(*box) == ids{"e2"});
  CHECK(add(*box, {entry("e1", 0, "second")}) == ids{"e1"});
  CHECK(open_ids(*box) == ids{"e2"});
}

TEST_CASE_METHOD(any_outbox, "a failed try changes when the next is due, and the count of tries") {
  add(*box, {entry("e1")});
  update(*box, {"e1", outbox_state::open, at(99), 4});
  const auto open = open_entries(*box);
  REQUIRE(open.size() == 1);
  CHECK(open[0].due_at == at(99));
  CHECK(open[0].tries == 4);
  CHECK(open[0].event == entry("e1").event);
}

TEST_CASE_METHOD(any_outbox, "the first end counts, and what is not there is not updated") {
  add(*box, {entry("e1")});
  update(*box, ended("e1", outbox_state::delivered));
  update(*box, {"e1", outbox_state::open, at(99), 4});
  update(*box, ended("unknown", outbox_state::delivered));
  CHECK(open_ids(*box).empty());
  CHECK(add(*box, {entry("unknown")}).empty());
}

TEST_CASE_METHOD(any_outbox, "one batch may add an entry and end it") {
  const auto known = box->execute({{entry("e1")}, {ended("e1", outbox_state::delivered)}});
  REQUIRE(known);
  CHECK(known->empty());
  CHECK(open_ids(*box).empty());
}

TEST_CASE_METHOD(any_outbox, "only what ended before the time is swept") {
  add(*box, {entry("open"), entry("old"), entry("older"), entry("recent")});
  update(*box, ended("older", outbox_state::given_up, 10));
  update(*box, ended("old", outbox_state::delivered, 11));
  update(*box, ended("recent", outbox_state::delivered, 12));
  REQUIRE(box->sweep(at(12)));
  CHECK(open_ids(*box) == ids{"open"});
  CHECK(add(*box, {entry("old"), entry("older"), entry("recent")}) == ids{"recent"});
}

TEST_CASE("a durable outbox holds what it has answered for when its process is killed") {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  const auto acknowledged = kill_while_storing([&](std::uint32_t n) {
    static const auto box = open(file);
    return static_cast<bool>(box->execute({{entry(std::to_string(n), static_cast<int>(n))}, {}}));
  });
  const auto left = open_ids(*open(file));
  REQUIRE(left.size() >= acknowledged);
  for (std::uint32_t n = 0; n < acknowledged; ++n) {
    REQUIRE(left[n] == std::to_string(n));
  }
}

TEST_CASE("a durable outbox whose file is locked is unavailable, changes nothing, and recovers") {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  const auto box = open(file);
  add(*box, {entry("e1")});
  {
    auto other = sqlite_database::open(file);
    REQUIRE(other);
    const auto held = other->begin();
    REQUIRE(held);
    const auto refused = box->execute({{entry("e2")}, {ended("e1", outbox_state::delivered)}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == error_class::unavailable);
    CHECK(box->sweep(at(0)).error().kind == error_class::unavailable);
    CHECK(open_ids(*box) == ids{"e1"});
  }
  CHECK(add(*box, {entry("e2")}).empty());
}

TEST_CASE("a body that a newer version wrote is left for that version") {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  add(*open(file), {entry("e1"), entry("e2")});
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->exec("UPDATE outbox SET body = x'FF00' WHERE event_id = 'e1'"));
  const auto box = open(file);
  CHECK(open_ids(*box) == ids{"e2"});
  CHECK(add(*box, {entry("e1")}) == ids{"e1"});
}

TEST_CASE("an outbox of a newer schema is refused") {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  open(file).reset();
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->exec("UPDATE schema_versions SET version = 99 WHERE schema = 'outbox'"));
  const auto refused = open_sqlite_outbox(file);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
}
