// SPDX-License-Identifier: MIT

// The record store in tables that the application has made: what it reads and writes there, what it
// leaves alone, and what these tables do not take.

#include "messages/base/text.hpp"
#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"

#include <string>
#include <vector>

namespace stayler::adapters::conformance {

namespace {

/// As an application might have made them: uuids, an enumeration, lengths, keys.
const std::vector<std::string> tables_of_the_application{
    "CREATE TYPE conversion_status AS ENUM ('pending', 'processing', 'completed', 'failed')",
    "CREATE TABLE users (id uuid PRIMARY KEY)",
    "CREATE TABLE images (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL"
    " REFERENCES users, vendor_id uuid, type varchar(20) NOT NULL, file_name varchar(255) NOT NULL,"
    " original_url text NOT NULL, thumbnail_url text, file_size bigint NOT NULL,"
    " mime_type varchar(50) NOT NULL, width integer, height integer,"
    " is_public boolean NOT NULL DEFAULT false, tags text[] NOT NULL DEFAULT '{}',"
    " metadata jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now())",
    "CREATE TABLE conversions (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),"
    " user_id uuid NOT NULL REFERENCES users, user_image_id uuid NOT NULL REFERENCES images,"
    " cloth_image_id uuid NOT NULL REFERENCES images,"
    " status conversion_status NOT NULL DEFAULT 'pending',"
    " result_image_id uuid REFERENCES images, error_message text, processing_time_ms integer,"
    " created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),"
    " completed_at timestamptz)",
};

const std::string ann = "0a000000-0000-4000-8000-000000000001";
const std::string photo = "1b000000-0000-4000-8000-000000000002";
const std::string coat = "1b000000-0000-4000-8000-000000000003";
const std::string picture = "1b000000-0000-4000-8000-000000000004";
const std::string wish = "2c000000-0000-4000-8000-000000000005";

/// The application's tables, with a user, two images and a conversion that waits.
std::string database_of_the_application() {
  std::string url = shared_server().new_database();
  tell(url, tables_of_the_application);
  tell(
      url, {"INSERT INTO users VALUES ('" + ann + "')",
            "INSERT INTO images (id, user_id, type, file_name, original_url, file_size, mime_type,"
            " width, height, tags, metadata) SELECT id::uuid, '"
                + ann
                + "', 'user', 'a.jpg', 'images/a.jpg', 7, 'image/jpeg', 3, 4, '{summer}',"
                  " '{\"a\": [1]}' FROM unnest(ARRAY['"
                + photo + "', '" + coat + "']) AS id",
            "INSERT INTO conversions (id, user_id, user_image_id, cloth_image_id) VALUES ('" + wish
                + "', '" + ann + "', '" + photo + "', '" + coat + "')"}
  );
  return url;
}

conversion_update update_of_wish(const step& said) {
  conversion_update update = update_of(said, wish);
  update.user_id = ann;
  update.user_image_id = photo;
  update.cloth_image_id = coat;
  return update;
}

image_record result_picture() {
  image_record image = image_number(4);
  image.id = picture;
  image.user_id = ann;
  image.width = 768;
  image.thumbnail_key = "images/thumb.jpg";
  return image;
}

}  // namespace

TEST_CASE("a conversion in the application's own table goes through its life") {
  const std::string url = database_of_the_application();
  const auto store = open_postgres(url);
  const auto waiting = store->find_conversion(wish);
  REQUIRE(waiting);
  CHECK(waiting->last.status == status::pending);
  CHECK(waiting->last.attempt == attempt_id{});
  CHECK(is_set(waiting->created_at));

  REQUIRE(store->record(update_of_wish({1, 1, status::processing, ""})));
  REQUIRE(store->put_image(result_picture()));
  const auto finished = update_of_wish({1, 1, status::completed, picture});
  REQUIRE(store->record(finished));
  CHECK(kind_of(store->record(update_of_wish({1, 2, status::failed, "e"}))) == conflict);
  CHECK(store->find_conversion(wish)->last == finished);
  CHECK(store->find_conversion(wish)->created_at == waiting->created_at);
  const auto kept = tell(
      url, {"SELECT status, result_image_id, processing_time_ms, completed_at = updated_at"
            " FROM conversions"}
  );
  REQUIRE(kept.size() == 1);
  CHECK(kept.text(0, 0) == "completed");
  CHECK(kept.text(0, 1) == picture);
  CHECK(kept.text(0, 3) == "t");
}

TEST_CASE("one conversion is one, in whatever form its uuid is spelt") {
  const auto store = open_postgres(database_of_the_application());
  REQUIRE(store->record(update_of_wish({1, 2, status::processing, ""})));
  auto late = update_of_wish({1, 1, status::failed, "e"});
  late.conversion_id = "2C000000-0000-4000-8000-000000000005";
  CHECK(kind_of(store->record(late)) == conflict);
  CHECK(store->find_conversion(late.conversion_id)->last.attempt.token == fencing_token{2});
}

TEST_CASE("a conversion that the application made for a user is no other user's") {
  const auto store = open_postgres(database_of_the_application());
  auto update = update_of_wish({1, 1, status::processing, ""});
  update.user_id = picture;
  CHECK(kind_of(store->record(update)) == conflict);
  update.user_id = to_upper(ann);  // the same, spelt otherwise
  CHECK(store->record(update));
}

TEST_CASE("images of the application are found, and keep what only it writes") {
  const std::string url = database_of_the_application();
  const auto store = open_postgres(url);
  auto image = store->find_image(photo);
  REQUIRE(image);
  CHECK(image->blob_key == "images/a.jpg");
  CHECK(image->bytes == 7);
  CHECK(image->checksum.empty());
  image->checksum = "abc";
  image->created_at = at(3);
  REQUIRE(store->put_image(*image));
  CHECK(store->find_image(photo).value() == *image);
  const auto kept = tell(url, {"SELECT tags || ARRAY[metadata ->> 'a'] FROM images"});
  CHECK(kept.text(0, 0) == "{summer,[1]}");
  CHECK(kept.text(1, 0) == "{summer,[1]}");

  image->user_id.clear();
  CHECK(kind_of(store->put_image(*image)) == error_class::invalid_input);

  // The conversion refers to it.
  CHECK(store->remove_image(photo).error().kind == conflict);
  REQUIRE(store->put_image(result_picture()));
  CHECK(store->remove_image(picture).value() == result_picture());
  CHECK(store->remove_image(picture).error().kind == error_class::not_found);
  CHECK(tell(url, {"SELECT FROM stayler_image_files"}).size() == 1);
}

TEST_CASE("what the application's tables do not take is invalid_input, or not found") {
  const auto store = open_postgres(database_of_the_application());
  CHECK(store->find_image("no uuid").error().kind == error_class::not_found);
  CHECK(store->find_conversion("no uuid").error().kind == error_class::not_found);
  CHECK(store->remove_image("no uuid").error().kind == error_class::not_found);
  auto update = update_of_wish({1, 1, status::processing, ""});
  update.conversion_id = "no uuid";
  CHECK(kind_of(store->record(update)) == error_class::invalid_input);
  update = update_of_wish({1, 1, status::cancelled, ""});  // not in the enumeration
  CHECK(kind_of(store->record(update)) == error_class::invalid_input);
  update = update_of_wish({1, 1, status::processing, ""});
  update.user_id = "no uuid";
  CHECK(kind_of(store->record(update)) == error_class::invalid_input);
  update.user_id = std::string{"a\0b", 3};
  CHECK(kind_of(store->record(update)) == error_class::invalid_input);
  CHECK(store->record(update_of_wish({1, 1, status::processing, ""})));
}

TEST_CASE("owners are found by uuids however they are spelt, and beside ids that are none") {
  const auto store = open_postgres(database_of_the_application());
  const image_owner of_ann{ann, "user"};
  const auto found = store->find_owners({{to_upper(photo), picture, coat}, {to_upper(wish)}});
  REQUIRE(found);
  CHECK(*found == ownership_report{{of_ann, std::nullopt, of_ann}, {ann}});
  const auto beside = store->find_owners({{"no uuid", photo, std::string{"a\0b", 3}}, {wish, ""}});
  REQUIRE(beside);
  CHECK(*beside == ownership_report{{std::nullopt, of_ann, std::nullopt}, {ann, std::nullopt}});
}

TEST_CASE("an update that the application's tables do not take keeps no other from being written") {
  const auto store = open_postgres(database_of_the_application());
  auto of_nobody = update_of_wish({1, 0, status::pending, ""});
  of_nobody.conversion_id = "no uuid";
  auto unreadable = of_nobody;
  unreadable.user_id = std::string{"a\0b", 3};
  const auto written = store->record_all(std::vector{
      of_nobody, update_of_wish({1, 1, status::processing, ""}), unreadable,
      update_of_wish({1, 0, status::pending, ""})});
  REQUIRE(written.size() == 4);
  CHECK(kind_of(written[0]) == error_class::invalid_input);
  CHECK(written[1]);
  CHECK(kind_of(written[2]) == error_class::invalid_input);
  CHECK(kind_of(written[3]) == conflict);
  CHECK(store->find_conversion(wish)->last.status == status::processing);
}

TEST_CASE("the application's tables are left as they are, wherever the search path finds them") {
  const std::string url = shared_server().new_database();
  tell(url, {"CREATE SCHEMA app", "CREATE TABLE app.images (id uuid)"});
  const std::string path = url + "?options=-csearch_path%3Dpublic,app";
  const auto refused = open_postgres_record_store(at(path));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK_THAT(
      refused.error().message,
      Catch::Contains("the application's table images lacks user_id, type, file_name")
  );
  // All or nothing.
  CHECK(tell(url, {"SELECT FROM pg_tables WHERE schemaname = 'public'"}).size() == 0);
}

}  // namespace stayler::adapters::conformance
