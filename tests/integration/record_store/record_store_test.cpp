// SPDX-License-Identifier: MIT

// The contract of a record store, kept by SQLite; and what only that store promises.
#include "adapters/record_store/record_store.hpp"

#include "adapters/record_store/sqlite/sqlite_record_store.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/integration/record_store/user_records_conformance.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <tuple>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::adapters::conformance;
using namespace stayler::test;

namespace {

namespace fs = std::filesystem;

std::unique_ptr<record_store> open(const fs::path& file) {
  auto store = open_sqlite_record_store(file);
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  return std::move(*store);
}

bool says(const failure& error, std::string_view text) {
  return error.message.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the SQLite record store keeps the contract") {
  const temporary_folder folder;
  const record_store_maker maker{
      [file = folder.path() / "made" / "on demand" / "records.db"] { return open(file); }};
  SECTION("fencing") {
    check_fencing(maker);
  }
  SECTION("conflicts") {
    check_conflict_message(maker);
  }
  SECTION("a conversion belongs to its user") {
    check_owner(maker);
  }
  SECTION("updates together") {
    check_updates_together(maker);
  }
  SECTION("owners") {
    check_owners(maker);
  }
  SECTION("conversions") {
    check_conversions(maker);
  }
  SECTION("images") {
    check_images(maker);
  }
  SECTION("spending") {
    check_spending(maker);
  }
  SECTION("users") {
    check_users(maker);
  }
  SECTION("erasures") {
    check_erasures(maker);
  }
  SECTION("found limits") {
    check_found_limits(maker);
  }
  SECTION("durability") {
    check_durability(maker);
  }
}

TEST_CASE("columns that only the application writes survive an image's replacement") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  const auto store = open(file);
  REQUIRE(store->put_image(image_number(1)));
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->exec("UPDATE images SET vendor_id = 'v', tags = 'summer', is_public = 1"));
  REQUIRE(store->put_image(image_number(1)));
  auto query = database->prepare("SELECT vendor_id || tags || is_public FROM images");
  REQUIRE(query);
  const auto kept =
      query->first([](const sqlite_statement& row) { return std::string{row.text(0)}; });
  CHECK(kept.value() == "vsummer1");
}

TEST_CASE("a database that is locked is unavailable, and available again afterwards") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  const auto store = open(file);
  auto impatient = sqlite_database::open(file, milliseconds{1});
  REQUIRE(impatient);
  {
    auto other = sqlite_database::open(file);
    REQUIRE(other);
    const auto lock = other->begin();
    REQUIRE(lock);
    const auto refused = impatient->begin();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == error_class::unavailable);
    CHECK(says(refused.error(), file.string()));
    CHECK(says(refused.error(), "database is locked"));
    CHECK(store->find_conversion("reading goes on").error().kind == error_class::not_found);
    // Soon enough for a health report to hear why.
    const auto began = std::chrono::steady_clock::now();
    CHECK(says(store->probe().error(), "database is locked"));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{2});
  }
  CHECK(impatient->begin());
  CHECK(store->probe());
}

TEST_CASE("a full database is unavailable, and nothing of the refused change stays") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->exec("PRAGMA max_page_count = 4; CREATE TABLE t (x BLOB)"));
  auto insert = database->prepare("INSERT INTO t VALUES (?1)");
  REQUIRE(insert);
  const std::vector<std::byte> large(64'000);
  auto transaction = database->begin();
  REQUIRE(transaction);
  REQUIRE(insert->bind_blob(1, std::span{large}.first(10)).run());
  const auto refused = insert->bind_blob(1, large).run();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::store_full);
  CHECK_FALSE(transaction->commit());
  auto count = database->prepare("SELECT count(*) FROM t");
  REQUIRE(count);
  CHECK(count->first([](const sqlite_statement& row) { return row.int64(0); }).value() == 0);
}

TEST_CASE("a file that is no database, or of a newer version, is refused by name") {
  const temporary_folder folder;
  const auto text = folder.path() / "text";
  std::ofstream{text} << std::string(4096, 'x');
  const auto no_database = open_sqlite_record_store(text);
  REQUIRE_FALSE(no_database);
  CHECK(no_database.error().kind == error_class::unavailable);
  CHECK(says(no_database.error(), text.string()));

  const auto newer = folder.path() / "newer.db";
  REQUIRE(open(newer)->probe());
  auto database = sqlite_database::open(newer);
  REQUIRE(database);
  REQUIRE(database->exec(
      "UPDATE schema_versions SET version = 99;"
      "UPDATE schema_versions SET version = 98 WHERE schema = 'records:oldest_reader'"
  ));
  const auto refused = open_sqlite_record_store(newer);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(says(refused.error(), "has version 99"));
  CHECK(says(refused.error(), "know version 98; this one knows versions up to 5"));
  CHECK(open_sqlite_record_store("/proc/x/y.db").error().kind == error_class::unavailable);
}

TEST_CASE("schemas of one file are brought up to date step by step, each for itself") {
  const temporary_folder folder;
  const auto file = folder.path() / "shared.db";
  constexpr std::array<std::string_view, 1> first{"CREATE TABLE a (x)"};
  constexpr std::array<std::string_view, 2> second{first[0], "ALTER TABLE a ADD COLUMN y"};
  constexpr std::array<std::string_view, 3> broken{
      second[0], second[1], "CREATE TABLE b (x); CREATE nonsense"};
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->migrate({"jobs", first}));
  REQUIRE(database->migrate({"jobs", second}));
  REQUIRE(database->migrate({"jobs", second}));
  CHECK(database->prepare("SELECT x, y FROM a"));
  const auto refused = database->migrate({"jobs", broken});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::internal_bug);
  CHECK_FALSE(database->prepare("SELECT x FROM b"));
  CHECK(open(file)->probe());
  CHECK(database->migrate({"jobs", second}));
}

TEST_CASE("a file of a later version is worked on by who can do without its last steps") {
  const temporary_folder folder;
  auto database = sqlite_database::open(folder.path() / "shared.db");
  REQUIRE(database);
  constexpr std::array<std::string_view, 3> steps{
      "CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y", "ALTER TABLE a ADD COLUMN z"};
  const auto first = std::span{steps}.first(1);
  const auto second = std::span{steps}.first(2);
  REQUIRE(database->migrate({"jobs", steps, 1}));
  CHECK(database->migrate({"jobs", second}));
  CHECK(database->prepare("SELECT z FROM a"));
  const auto refused = database->migrate({"jobs", first});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(says(refused.error(), "shared.db: schema \"jobs\" has version 3"));
  CHECK(says(refused.error(), "know version 2; this one knows versions up to 1"));
  CHECK(says(refused.error(), "restore a backup"));

  // Who works on it without them has not made an earlier version of it.
  CHECK_FALSE(database->migrate({"jobs", first}));
  CHECK(database->migrate({"jobs", steps, 1}));
}

TEST_CASE("a file of before there was a word on readers is for those who know its version") {
  const temporary_folder folder;
  auto database = sqlite_database::open(folder.path() / "old.db");
  REQUIRE(database);
  constexpr std::array<std::string_view, 2> steps{"CREATE TABLE a (x)", "CREATE TABLE b (x)"};
  REQUIRE(database->migrate({"jobs", steps, 1}));
  REQUIRE(database->exec("DELETE FROM schema_versions WHERE schema = 'jobs:oldest_reader'"));
  CHECK_FALSE(database->migrate({"jobs", std::span{steps}.first(1)}));
  CHECK(database->migrate({"jobs", steps, 1}));
  CHECK(database->migrate({"jobs", std::span{steps}.first(1)}));
}

TEST_CASE("values go through a statement unchanged") {
  const temporary_folder folder;
  auto database = sqlite_database::open(folder.path() / "x.db");
  REQUIRE(database);
  auto echo = database->prepare("SELECT ?1, ?2, ?3, ?4, ?5");
  REQUIRE(echo);
  const std::string text("a\0b", 3);
  const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
  echo->bind(1, text).bind(2, INT64_MIN).bind_blob(3, bytes).bind_null(4).bind(5, "");
  const auto is_same = echo->first([&](const sqlite_statement& row) {
    const auto blob = row.blob(2);
    return row.text(0) == text && row.int64(1) == INT64_MIN
           && std::equal(blob.begin(), blob.end(), bytes.begin(), bytes.end()) && row.is_null(3)
           && !row.is_null(4) && row.text(4).empty() && row.text(3).empty();
  });
  CHECK(is_same.value() == true);
  const auto refused = echo->bind(6, 1).run();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::internal_bug);
  CHECK(echo->bind(1, 1).run());
}

TEST_CASE("what is not committed is rolled back") {
  const temporary_folder folder;
  auto database = sqlite_database::open(folder.path() / "x.db");
  REQUIRE(database);
  REQUIRE(database->exec("CREATE TABLE t (x)"));
  {
    auto transaction = database->begin();
    REQUIRE(transaction);
    REQUIRE(database->exec("INSERT INTO t VALUES (1), (2)"));
    CHECK(database->changes() == 2);
  }
  {
    auto transaction = database->begin();
    REQUIRE(transaction);
    REQUIRE(database->exec("INSERT INTO t VALUES (3)"));
    REQUIRE(transaction->commit());
  }
  auto all = database->prepare("SELECT x FROM t");
  REQUIRE(all);
  std::vector<std::int64_t> rows;
  REQUIRE(all->for_each([&](const sqlite_statement& row) { rows.push_back(row.int64(0)); }));
  CHECK(rows == std::vector<std::int64_t>{3});
}

TEST_CASE("conversions in SQLite go when they are erased, and final ones when they are old") {
  const temporary_folder folder;
  const auto store = open(folder.path() / "records.db");
  for (const auto& [id, said, second] :
       {std::tuple{"old", status::completed, 1},
        {"new", status::failed, 9},
        {"open", status::pending, 1}}) {
    auto update = update_of({1, 1, said, "x"}, id);
    update.at = at(second);
    REQUIRE(store->record(update));
  }
  CHECK(store->erase_conversions_before(at(5), 9).value() == 1);
  CHECK(store->find_conversion("old").error().kind == error_class::not_found);
  CHECK(store->erase_conversions_of("u1", 9).value() == 2);
  CHECK(store->conversions_of("u1", "", 9)->empty());
}

TEST_CASE("nothing of what was removed is left in an SQLite file whose log was emptied") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  const auto store = open(file);
  const auto holds_user = [&folder] {
    std::string all;
    for (const auto& each : fs::directory_iterator{folder.path()}) {
      std::ifstream in{each.path(), std::ios::binary};
      all.append(std::istreambuf_iterator<char>{in}, {});
    }
    return all.find("somebody") != std::string::npos;
  };
  for (int i = 0; i < 300; ++i) {
    const auto id = std::to_string(i);
    REQUIRE(store->put_image(picture_of("somebody" + id, "i" + id, "user", at(1))));
  }
  CHECK(holds_user());
  for (int i = 0; i < 300; ++i) {
    REQUIRE(store->remove_image("i" + std::to_string(i)));
  }
  REQUIRE(empty_write_ahead_log(file));
  CHECK_FALSE(holds_user());
}
