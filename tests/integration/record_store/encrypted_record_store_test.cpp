// SPDX-License-Identifier: MIT

// Records at rest with keys: the same contract, nothing of them in SQLite's files, and what was
// changed there is found out.

#include "adapters/record_store/sqlite/sqlite_record_rows.hpp"
#include "adapters/record_store/sqlite/sqlite_record_schema.hpp"
#include "adapters/record_store/sqlite/sqlite_record_store.hpp"
#include "adapters/sqlite/encrypted_rows.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/integration/record_store/user_records_conformance.hpp"
#include "tests/support/letter_keys.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::adapters::conformance;
using namespace stayler::test;

namespace {

namespace fs = std::filesystem;

std::unique_ptr<record_store> open_with(const fs::path& file, const encryption_keys& keys) {
  auto store = open_sqlite_record_store(file, keys);
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  return std::move(*store);
}

bool is_told(const fs::path& folder, const std::string& text) {
  bool is_found = false;
  for (const auto& each : fs::directory_iterator{folder}) {
    std::ifstream in{each.path(), std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    is_found = is_found || content.find(text) != std::string::npos;
  }
  return is_found;
}

constexpr const char* user = "user-erika";

/// Records of each kind that nothing else looks like.
void fill(record_store& store) {
  conversion_update update =
      update_of({1, 1, status::failed, "the model said no"}, "wish-of-erika");
  update.user_id = user;
  update.user_image_id = "https://photos.example.com/erika";
  REQUIRE(store.record(update));
  image_record image = image_number(1);
  image.user_id = user;
  image.file_name = "erika-at-the-beach.jpg";
  image.checksum = "checksum-of-the-photo";
  REQUIRE(store.put_image(image));
  REQUIRE(store.add_spending({"2026-11-30", user, {1, 2, 3, 4, 5}}));
  erasure open;
  open.id = uuid{{7}};
  open.user_id = user;
  open.user_tag = "tag";
  open.error = "the bucket of erika is away";
  REQUIRE(store.save_erasure(open));
}

const std::vector<std::string> told{"user-erika",         "wish-of-erika", "the model said no",
                                    "photos.example.com", "at-the-beach",  "checksum-of-the-photo",
                                    "the bucket of erika"};

void check_found(record_store& store) {
  const auto conversion = store.find_conversion("wish-of-erika");
  REQUIRE(conversion);
  CHECK(conversion->last.user_id == user);
  CHECK(conversion->last.error_message == "the model said no");
  CHECK(conversion->completed_at == at(1));
  CHECK(store.find_image("i1")->file_name == "erika-at-the-beach.jpg");
  CHECK(store.images_of(user, "", 10)->size() == 1);
  CHECK(store.images_of(user, "i1", 10)->empty());
  CHECK(store.conversions_of(user, "", 10)->size() == 1);
  CHECK(store.conversions_of(user, "wish-of-erika", 10)->empty());
  const auto owners = store.find_owners({{"i1", "i2"}, {"wish-of-erika", "another"}});
  REQUIRE(owners);
  CHECK(owners->images[0] == image_owner{user, "user"});
  CHECK_FALSE(owners->images[1]);
  CHECK(owners->conversions[0] == user);
  CHECK_FALSE(owners->conversions[1]);
  const auto spent = store.spending_of("2026-11-30");
  REQUIRE(spent);
  REQUIRE(spent->size() == 1);
  CHECK(spent->front().user_id == user);
  CHECK(spent->front().amount.cost == 5);
  const auto erasures = store.open_erasures();
  REQUIRE(erasures);
  REQUIRE(erasures->size() == 1);
  CHECK(erasures->front().user_id == user);
  CHECK(erasures->front().error == "the bucket of erika is away");
}

void change(const fs::path& file, const std::string& sql) {
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  REQUIRE(database->exec(sql));
}

}  // namespace

TEST_CASE("the SQLite record store keeps the contract with encrypted rows") {
  const temporary_folder folder;
  const record_store_maker maker{
      [file = folder.path() / "records.db"] { return open_with(file, test::letter_keys("a")); }};
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
  SECTION("durability") {
    check_durability(maker);
  }
}

TEST_CASE("with keys nothing of a record is in SQLite's files, and all is found") {
  const temporary_folder folder;
  const auto store = open_with(folder.path() / "records.db", test::letter_keys("a"));
  fill(*store);
  for (const std::string& text : told) {
    INFO(text);
    CHECK_FALSE(is_told(folder.path(), text));
  }
  check_found(*store);
}

TEST_CASE("records that are there when keys are set become encrypted, and nothing is left of them"
) {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  fill(*open_with(file, {}));
  CHECK(is_told(folder.path(), "wish-of-erika"));
  const auto refused = open_sqlite_record_store(file, test::letter_keys("a"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("\"plain\"") != std::string::npos);

  const auto store = open_with(file, test::letter_keys("a", ",plain"));
  for (const std::string& text : told) {
    INFO(text);
    CHECK_FALSE(is_told(folder.path(), text));
  }
  check_found(*store);
  check_found(*open_with(file, test::letter_keys("a")));
  CHECK(open_sqlite_record_store(file).error().kind == error_class::invalid_input);
}

TEST_CASE("records are encrypted anew with another key while the store is open") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  fill(*open_with(file, test::letter_keys("a")));
  const auto store = open_with(file, test::letter_keys("ba"));
  auto database = sqlite_database::open(file);
  REQUIRE(database);
  const auto again = [&] {
    return reencrypt_rows(
        *database, sqlite_records_schema, encrypted_record_columns, test::letter_keys("ba"),
        [](const failure&) {}
    );
  };
  const auto report = again();
  REQUIRE(report);
  CHECK(report->encrypted == 3);
  CHECK(report->failed == 0);
  CHECK(again()->encrypted == 0);
  check_found(*store);
  check_found(*open_with(file, test::letter_keys("b")));
}

TEST_CASE("a record that was changed in the file is not given out, and can be erased") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  const auto store = open_with(file, test::letter_keys("a"));
  fill(*store);
  image_record other = image_number(2);
  other.user_id = "bob";
  REQUIRE(store->put_image(other));
  change(
      file,
      "UPDATE images SET data = (SELECT data FROM images WHERE id = 'i1') WHERE id = 'i2';"
      "UPDATE conversions SET data = x'0102030405'"
  );
  CHECK(store->find_image("i2").error().kind == error_class::internal_bug);
  CHECK(store->find_image("i1"));
  CHECK(store->find_conversion("wish-of-erika").error().kind == error_class::internal_bug);
  CHECK(store->erase_conversions_of(user, 10).value() == 1);

  // Enough is known of the picture to remove it: its keys among the blobs.
  const auto outline = store->images_of("bob", "", 10);
  REQUIRE(outline);
  REQUIRE(outline->size() == 1);
  CHECK(outline->front().blob_key == other.blob_key);
  CHECK(outline->front().file_name.empty());
  CHECK(store->remove_image("i2")->blob_key == other.blob_key);
}

TEST_CASE("a row whose user was changed in the file belongs to nobody") {
  const temporary_folder folder;
  const auto file = folder.path() / "records.db";
  const auto store = open_with(file, test::letter_keys("a"));
  fill(*store);
  change(
      file,
      "UPDATE images SET user_id = 'mallory'; UPDATE conversions SET user_id = 'mallory';"
      "UPDATE erasures SET user_id = 'mallory'"
  );
  const auto owners = store->find_owners({{"i1"}, {"wish-of-erika"}});
  REQUIRE(owners);
  CHECK(owners->images[0]->user_id == sqlite_record_rows::nobody);
  CHECK(owners->conversions[0] == sqlite_record_rows::nobody);
  CHECK(store->images_of("mallory", "", 10)->empty());
  // It must not end as if it had erased somebody.
  CHECK(store->open_erasures()->empty());
}
