// SPDX-License-Identifier: MIT

// The contract of an outbox, kept in memory and by SQLite; and what only SQLite promises.
#include "adapters/outbox/outbox.hpp"

#include "adapters/outbox/memory_outbox.hpp"
#include "adapters/outbox/sqlite_outbox.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/integration/outbox/outbox_conformance.hpp"
#include "tests/support/letter_keys.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::adapters::conformance;
using namespace stayler::test;

namespace {

std::unique_ptr<outbox> open(const std::filesystem::path& file) {
  auto opened = open_sqlite_outbox(file);
  INFO((opened ? "" : opened.error().message));
  REQUIRE(opened);
  return std::move(*opened);
}

/// Whether any file of the folder holds the text.
bool files_hold(const std::filesystem::path& folder, const std::string& text) {
  bool is_found = false;
  for (const auto& each : std::filesystem::directory_iterator{folder}) {
    std::ifstream in{each.path(), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    is_found = is_found || content.find(text) != std::string::npos;
  }
  return is_found;
}

}  // namespace

TEST_CASE("the outbox in memory keeps the contract") {
  const outbox_maker maker{make_memory_outbox};
  check_contract(maker);
  CHECK_FALSE(maker.open()->is_blocking());
}

TEST_CASE("the SQLite outbox keeps the contract") {
  const temporary_folder folder;
  const outbox_maker maker{[file = folder.path() / "stayler.db"] { return open(file); }};
  check_contract(maker);
  SECTION("durability") {
    conformance::check_durability(maker);
  }
  CHECK(maker.open()->is_blocking());
}

TEST_CASE("the SQLite outbox keeps the contract with encrypted entries") {
  const temporary_folder folder;
  const outbox_maker maker{[file = folder.path() / "stayler.db"] {
    auto opened = open_sqlite_outbox(file, test::letter_keys("a"));
    REQUIRE(opened);
    return std::move(*opened);
  }};
  check_contract(maker);
  SECTION("durability") {
    conformance::check_durability(maker);
  }
}

TEST_CASE("notifications that are in SQLite when keys are set become encrypted, and can be rekeyed"
) {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  const std::vector<outbox_entry> entries{entry("e1", 1), entry("e2", 2)};
  add(*open(file), entries);
  CHECK(files_hold(folder.path(), "hooks.example.com"));
  const auto refused = open_sqlite_outbox(file, test::letter_keys("a"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("\"plain\"") != std::string::npos);

  REQUIRE(open_sqlite_outbox(file, test::letter_keys("a", ",plain")));
  const auto box = open_sqlite_outbox(file, test::letter_keys("ba")).value();
  CHECK(open_entries(*box) == entries);
  for (const char* told :
       {"hooks.example.com", "receiver redirects", "slow down", "result-image"}) {
    INFO(told);
    CHECK_FALSE(files_hold(folder.path(), told));
  }

  auto database = sqlite_database::open(file);
  REQUIRE(database);
  const auto report = reencrypt_rows(
      *database, sqlite_outbox_schema, encrypted_outbox_columns, test::letter_keys("ba"),
      [](const failure&) {}
  );
  REQUIRE(report);
  CHECK(report->seen == 4);
  CHECK(report->encrypted == 4);
  CHECK(open_entries(*open_sqlite_outbox(file, test::letter_keys("b")).value()) == entries);
  CHECK(open_sqlite_outbox(file).error().kind == error_class::invalid_input);

  // What was changed is not delivered, and all else is.
  REQUIRE(database->exec("UPDATE outbox SET body = (SELECT body FROM outbox WHERE event_id = 'e2')")
  );
  CHECK(open_ids(*box) == ids{"e2"});
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
    CHECK(box->purge({at(0), at(0)}).error().kind == error_class::unavailable);
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

TEST_CASE("an outbox of an older schema is brought up to date, and what it holds is found") {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  add(*open(file), {entry("01936d4e-0000-7000-8000-000000000001-failed", 1)});
  {
    auto database = sqlite_database::open(file);
    REQUIRE(database);
    REQUIRE(
        database->exec("DROP INDEX outbox_by_age; DROP INDEX outbox_given_up;"
                       "ALTER TABLE outbox DROP COLUMN job;"
                       "ALTER TABLE outbox DROP COLUMN event;"
                       "ALTER TABLE outbox DROP COLUMN opened_at;"
                       "ALTER TABLE outbox DROP COLUMN problem;"
                       "ALTER TABLE outbox DROP COLUMN error;"
                       "UPDATE schema_versions SET version = 1 WHERE schema = 'outbox'")
    );
  }
  const auto box = open(file);
  const auto left = open_entries(*box);
  REQUIRE(left.size() == 1);
  CHECK(left[0].opened_at == at(1));
  CHECK(left[0].problem == delivery_problem::none);
  CHECK(listed(*box, {{}, "01936d4e-0000-7000-8000-000000000001"}).size() == 1);
}

TEST_CASE("an outbox of a newer schema is refused") {
  const temporary_folder folder;
  const auto file = folder.path() / "stayler.db";
  open(file).reset();
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->exec("UPDATE schema_versions SET version = 99 WHERE schema LIKE 'outbox%'"));
  const auto refused = open_sqlite_outbox(file);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
}
