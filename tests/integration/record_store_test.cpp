// SPDX-License-Identifier: MIT

// The rule about who may change a conversion's record, as a table, and the SQLite store that keeps
// the records.
#include "adapters/record_store/record_store.hpp"

#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <array>
#include <fstream>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

namespace fs = std::filesystem;
using status = job_status;

std::unique_ptr<record_store> open(const fs::path& file) {
  auto store = open_sqlite_record_store(file);
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  return std::move(*store);
}

bool says(const failure& error, std::string_view text) {
  return error.message.find(text) != std::string::npos;
}

timestamp at(int second) {
  return timestamp{std::chrono::seconds{1'800'000'000 + second}};
}

/// Job ids that sort like their numbers; 0 is no job.
job_id job_number(std::uint8_t number) {
  job_id id;
  id.value.bytes[0] = number;
  return id;
}

/// One step: who says what.
struct step {
  std::uint8_t job = 0;
  std::uint64_t token = 0;
  status says = status::pending;
  std::string content;  ///< result image of a completed, message of a failed conversion
};

conversion_update update_of(const step& said, const std::string& id = "c1") {
  conversion_update update;
  update.conversion_id = id;
  update.user_id = "u1";
  update.user_image_id = "i1";
  update.cloth_image_id = "i2";
  update.status = said.says;
  update.attempt = {job_number(said.job), fencing_token{said.token}};
  (said.says == status::completed ? update.result_image_id : update.error_message) = said.content;
  update.at = at(1);
  return update;
}

struct rule {
  std::string name;
  std::vector<step> before;
  step then;
  error_class answer = error_class::none;
  bool is_written = true;  ///< the record changes to what the step says
};

const std::vector<step> begun{{1, 0, status::pending, ""}, {1, 1, status::processing, ""}};
const std::vector<step> done{{1, 1, status::processing, ""}, {1, 1, status::completed, "r1"}};
constexpr auto no_error = error_class::none;
constexpr auto conflict = error_class::conflict;

const std::vector<rule> rules{
    {"a new record", {}, {1, 0, status::pending, ""}, no_error},
    {"a new record in a final state", {}, {1, 3, status::failed, "e"}, no_error},
    {"the same attempt goes on", begun, {1, 1, status::completed, "r"}, no_error},
    {"a newer attempt takes over", begun, {1, 2, status::processing, ""}, no_error},
    {"an older attempt is late",
     {{1, 2, status::processing, ""}},
     {1, 1, status::completed, "r"},
     conflict,
     false},
    {"the queue's first word comes late", begun, {1, 0, status::pending, ""}, conflict, false},
    {"the queue cancels a running attempt", begun, {1, 0, status::cancelled, ""}, no_error},
    {"the queue gives up on a running attempt", begun, {1, 0, status::failed, "lost"}, no_error},
    {"an attempt after its cancellation",
     {{1, 1, status::processing, ""}, {1, 0, status::cancelled, ""}},
     {1, 1, status::completed, "r"},
     conflict,
     false},
    {"a repetition of the end", done, {1, 1, status::completed, "r1"}, no_error, false},
    {"a repetition by a newer attempt", done, {1, 2, status::completed, "r1"}, no_error, false},
    {"a repetition by an older attempt",
     {{1, 2, status::completed, "r1"}},
     {1, 1, status::completed, "r1"},
     conflict,
     false},
    {"another result after the end", done, {1, 1, status::completed, "r2"}, conflict, false},
    {"another result by a newer attempt", done, {1, 2, status::completed, "r2"}, conflict, false},
    {"a failure after the end", done, {1, 1, status::failed, "e"}, conflict, false},
    {"a cancel after the end", done, {1, 0, status::cancelled, ""}, conflict, false},
    {"back to work after the end", done, {1, 2, status::processing, ""}, conflict, false},
    {"a dead letter that is retried",
     {{1, 1, status::processing, ""}, {1, 1, status::failed, "e"}},
     {1, 2, status::processing, ""},
     no_error},
    {"a dead letter of the queue's that is retried",
     {{1, 1, status::processing, ""}, {1, 0, status::failed, "lost"}},
     {1, 2, status::processing, ""},
     no_error},
    {"back to work after a failure, without a retry",
     {{1, 1, status::processing, ""}, {1, 1, status::failed, "e"}},
     {1, 1, status::processing, ""},
     conflict,
     false},
    {"a newer job after the end", done, {2, 0, status::pending, ""}, no_error},
    {"an older job after the end",
     {{2, 1, status::completed, "r"}},
     {1, 9, status::completed, "r"},
     conflict,
     false},
    {"no job after the end", done, {0, 0, status::pending, ""}, conflict, false},
    {"a newer job where the last one ended without a word",
     begun,
     {2, 5, status::processing, ""},
     no_error},
    {"a job that finds a record without a job",
     {{0, 0, status::pending, ""}},
     {1, 0, status::pending, ""},
     no_error},
    {"a job that finds a final record without a job",
     {{0, 0, status::cancelled, ""}},
     {1, 0, status::pending, ""},
     no_error},
    {"a job that finds one that no attempt has begun",
     {{1, 0, status::pending, ""}},
     {2, 0, status::pending, ""},
     no_error},
    {"the older of two jobs that have not begun",
     {{2, 0, status::pending, ""}},
     {1, 1, status::processing, ""},
     conflict,
     false},
    {"the former job after a take-over",
     {{1, 1, status::failed, "e"}, {2, 0, status::pending, ""}},
     {1, 2, status::completed, "r"},
     conflict,
     false},
    {"a low token of the next job",
     {{1, 9, status::failed, "e"}, {2, 0, status::pending, ""}},
     {2, 1, status::processing, ""},
     no_error},
};

image_record image_number(int number) {
  image_record image;
  image.id = "i" + std::to_string(number);
  image.user_id = "u1";
  image.type = "user";
  image.file_name = "na'me \"ü\".jpg";
  image.blob_key = "images/i1.jpg";
  image.bytes = 123'456'789'012;
  image.mime_type = "image/jpeg";
  image.width = 4'000'000'000;
  image.height = 3;
  image.checksum = "abc";
  image.created_at = at(number);
  return image;
}

}  // namespace

TEST_CASE("the fencing rule of conversion records") {
  const temporary_folder folder;
  const auto store = open(folder.path() / "records.db");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const rule& row = rules[i];
    INFO(row.name);
    const std::string id = "c" + std::to_string(i);
    for (const step& earlier : row.before) {
      REQUIRE(store->record(update_of(earlier, id)));
    }
    const auto before = store->find_conversion(id);
    const auto update = update_of(row.then, id);
    const auto answer = store->record(update);
    CHECK((answer ? error_class::none : answer.error().kind) == row.answer);
    const auto after = store->find_conversion(id);
    REQUIRE(after);
    if (row.is_written) {
      CHECK(after->last.status == update.status);
      CHECK(after->last.attempt.job == update.attempt.job);
      CHECK(after->last.result_image_id == update.result_image_id);
      CHECK(after->last.error_message == update.error_message);
    } else {
      CHECK(after->last == before->last);
    }
  }
}

TEST_CASE("a conflict says who holds the record, who asked, and why not") {
  const temporary_folder folder;
  const auto store = open(folder.path() / "records.db");
  REQUIRE(store->record(update_of({1, 2, status::processing, ""})));
  const auto refused = store->record(update_of({1, 1, status::completed, "r"}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message
        == "conversion c1 is processing by attempt 01000000-0000-0000-0000-000000000000-2, attempt "
           "01000000-0000-0000-0000-000000000000-1 cannot make it completed: a newer attempt has "
           "taken over");
}

TEST_CASE("a conversion is read back with its times") {
  const temporary_folder folder;
  const auto file = folder.path() / "made" / "on demand" / "records.db";
  auto update = update_of({1, 1, status::processing, ""});
  REQUIRE(open(file)->record(update));
  update.status = status::completed;
  update.result_image_id = "r1";
  update.processing_time = milliseconds{1234};
  update.at = at(9);
  REQUIRE(open(file)->record(update));
  const auto found = open(file)->find_conversion("c1");
  REQUIRE(found);
  CHECK(found->last == update);
  CHECK(found->created_at == at(1));
  CHECK(found->updated_at == at(9));
  CHECK(found->completed_at == at(9));
  auto next = update_of({2, 0, status::pending, ""});
  next.at = at(20);
  REQUIRE(open(file)->record(next));
  const auto again = open(file)->find_conversion("c1");
  REQUIRE(again);
  CHECK(again->created_at == at(1));
  CHECK_FALSE(is_set(again->completed_at));
  CHECK(open(file)->find_conversion("c2").error().kind == error_class::not_found);
}

TEST_CASE("an image's row is read back, replaced and removed") {
  const temporary_folder folder;
  const auto store = open(folder.path() / "records.db");
  auto image = image_number(1);
  REQUIRE(store->put_image(image));
  CHECK(store->find_image("i1").value() == image);
  image.thumbnail_key = "images/i1.thumb.jpg";
  image.width = 7;
  REQUIRE(store->put_image(image));
  REQUIRE(store->put_image(image_number(2)));
  CHECK(store->find_image("i1").value() == image);
  CHECK(store->remove_image("i1").value() == image);
  CHECK(store->remove_image("i1").error().kind == error_class::not_found);
  CHECK(store->find_image("i1").error().kind == error_class::not_found);
  CHECK(store->find_image("i2").value() == image_number(2));
  CHECK(store->probe());
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

TEST_CASE("a killed writer loses no record it answered for") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  const auto acknowledged = kill_while_storing([&](std::uint32_t n) {
    static const auto store = open(file);
    return static_cast<bool>(
        store->record(update_of({1, 1, status::completed, "r"}, std::to_string(n)))
    );
  });
  REQUIRE(acknowledged >= 100);
  const auto store = open(file);
  for (std::uint32_t n = 0; n < acknowledged; ++n) {
    REQUIRE(store->find_conversion(std::to_string(n)));
  }
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
  REQUIRE(database->exec("UPDATE schema_versions SET version = 99"));
  const auto refused = open_sqlite_record_store(newer);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(says(refused.error(), "version 99"));
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
  REQUIRE(database->migrate("jobs", first));
  REQUIRE(database->migrate("jobs", second));
  REQUIRE(database->migrate("jobs", second));
  CHECK(database->prepare("SELECT x, y FROM a"));
  const auto refused = database->migrate("jobs", broken);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::internal_bug);
  CHECK_FALSE(database->prepare("SELECT x FROM b"));
  CHECK(open(file)->probe());
  CHECK(database->migrate("jobs", second));
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
