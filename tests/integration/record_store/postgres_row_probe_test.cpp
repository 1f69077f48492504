// SPDX-License-Identifier: MIT

// Tables of the application that do not take what the service writes: found out at the start, by
// rows of which nothing stays.

#include "adapters/record_store/postgres/postgres_row_probe.hpp"

#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/support/application_tables.hpp"

#include <string>
#include <vector>

namespace stayler::adapters::conformance {

namespace {

const std::string bea = "0a000000-0000-4000-8000-000000000001";

/// The application's tables with these changes.
std::string tables_with(const std::string& url, const std::vector<std::string>& changes) {
  for (const char* statement : test::application_tables) {
    tell(url, {statement});
  }
  tell(url, changes);
  return url;
}

/// The same in a schema of their own, which takes less time to make than a database.
std::string schema_with(const std::vector<std::string>& changes) {
  static const std::string database = shared_server().new_database();
  static int schemas = 0;
  const std::string name = "app_" + std::to_string(++schemas);
  tell(database, {"CREATE SCHEMA " + name});
  return tables_with(database + "?schema=" + name, changes);
}

std::string row_of_conversion() {
  return "INSERT INTO conversions (id, user_id, status) VALUES"
         " (gen_random_uuid(), '"
         + bea + "', 'pending')";
}

/// A table of users, to which both tables refer, and one user in it.
const std::vector<std::string> users{
    "CREATE TABLE users (id uuid PRIMARY KEY)", "INSERT INTO users VALUES ('" + bea + "')",
    "ALTER TABLE images ADD FOREIGN KEY (user_id) REFERENCES users",
    "ALTER TABLE conversions ADD FOREIGN KEY (user_id) REFERENCES users"};

std::vector<std::string> with_users(std::vector<std::string> changes) {
  changes.insert(changes.begin(), users.begin(), users.end());
  return changes;
}

const std::string refusing_trigger =
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'not by you'; END $$";

struct misfit {
  std::vector<std::string> changes;
  std::vector<std::string> named;  ///< what the one line says
};

const std::vector<misfit> misfits{
    {{"ALTER TABLE images ADD CHECK (type IN ('user', 'vendor'))"},
     {"images", "type 'result'", "rule images_type_check", "23514"}},
    {{"CREATE TYPE image_type AS ENUM ('user', 'vendor')",
      "ALTER TABLE images ALTER type TYPE image_type USING type::image_type"},
     {"images", "column type of type image_type has to take 'result'", "22P02"}},
    {with_users(
         {"CREATE TABLE image_types (name text PRIMARY KEY)",
          "INSERT INTO image_types VALUES ('user'), ('vendor')",
          "ALTER TABLE images ADD FOREIGN KEY (type) REFERENCES image_types"}
     ),
     {"images", "foreign key images_type_fkey", "23503"}},
    {{"ALTER TABLE images ADD title text NOT NULL"},
     {"images", "column title", "needs a default", "23502"}},
    {{"ALTER TABLE images DROP width, ADD width integer GENERATED ALWAYS AS (height) STORED"},
     {"images", "column width is generated"}},
    {{"ALTER TABLE images ALTER file_name TYPE varchar(10)"},
     {"images", "column file_name of type character varying(10)", "22001"}},
    {{"DROP TABLE conversions, images",
      "CREATE TABLE images (id bigserial PRIMARY KEY, user_id uuid, type text, file_name text,"
      " original_url text, thumbnail_url text, file_size bigint, mime_type text, width integer,"
      " height integer)"},
     {"images", "column id of type bigint"}},
    {{"ALTER TABLE images DROP CONSTRAINT images_pkey CASCADE"},
     {"images", "column id has to be the primary key", "42P10"}},
    {{refusing_trigger,
      "CREATE TRIGGER t BEFORE INSERT ON images FOR EACH ROW EXECUTE FUNCTION refuse()"},
     {"images", "a trigger", "not by you", "P0001"}},
    {{refusing_trigger,
      "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON images DEFERRABLE INITIALLY"
      " DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"},
     {"images", "a trigger", "not by you"}},
    {{"ALTER TABLE conversions ADD CHECK (status IN ('pending', 'completed', 'failed'))"},
     {"conversions", "the status 'processing'", "conversions_status_check"}},
    {{"ALTER TABLE conversions ADD CHECK (status IN ('pending', 'processing', 'done'))"},
     {"conversions", "the status 'completed'", "conversions_status_check"}},
    {{"ALTER TABLE conversions ALTER error_message SET NOT NULL"},
     {"conversions", "column error_message is empty then"}},
    {with_users(
         {"CREATE TABLE states (name text PRIMARY KEY)",
          "INSERT INTO states VALUES ('pending'),"
          " ('processing')",
          "ALTER TABLE conversions ALTER status TYPE text",
          "ALTER TABLE conversions ADD FOREIGN KEY (status) REFERENCES states"}
     ),
     {"conversions", "the status 'completed'", "conversions_status_fkey"}},
    // Rows that the application makes itself have to take it, too.
    {{"ALTER TABLE conversions ADD source text NOT NULL DEFAULT 'web'", row_of_conversion(),
      "ALTER TABLE conversions ALTER source DROP DEFAULT",
      "ALTER TABLE conversions ADD CHECK (status IN ('pending', 'processing'))"},
     {"conversions", "the status 'completed'", "conversions_status_check"}},
};

}  // namespace

TEST_CASE("tables that would refuse what is paid for end the start, and the line says what to do") {
  for (const misfit& each : misfits) {
    INFO(each.changes.back());
    const std::string url = schema_with(each.changes);
    const auto store = open_postgres_record_store(at(url));
    REQUIRE_FALSE(store);
    CHECK(store.error().kind == error_class::invalid_input);
    for (const std::string& name : each.named) {
      CHECK_THAT(store.error().message, Catch::Contains(name));
    }
    CHECK(store.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a probe leaves no row behind, and changes none") {
  const std::string url = schema_with(with_users({row_of_conversion()}));
  const std::string rows =
      "SELECT (SELECT count(*) FROM images), (SELECT count(*) FROM stayler_image_files),"
      " (SELECT count(*) FROM stayler_conversion_leases),"
      " (SELECT string_agg(c::text, ' ') FROM conversions c)";
  open_postgres(url);
  const auto before = tell(url, {rows});
  CHECK(before.text(0, 0) + before.text(0, 1) + before.text(0, 2) == "000");
  CHECK(probe_rows(at(url))->empty());
  CHECK(tell(url, {rows}).text(0, 3) == before.text(0, 3));
}

TEST_CASE("what jobs can do without is noted, and does not end the start") {
  const std::vector<misfit> notes{
      {{"ALTER TABLE images ADD CHECK (mime_type IN ('image/jpeg', 'image/png'))"},
       {"type 'result' (image/webp)"}},
      {{"ALTER TABLE images ADD CHECK (type IN ('user', 'result'))"}, {"type 'vendor'"}},
      {{"ALTER TABLE conversions ADD CHECK (status IN ('pending', 'processing', 'completed'))"},
       {"status 'failed'", "status 'cancelled'"}},
      {{"ALTER TABLE conversions ADD source text NOT NULL"},
       {"column source is not written by this service"}},
      // The one row that there is has ended, say, and is not to be changed.
      {{row_of_conversion(), "ALTER TABLE conversions ADD source text NOT NULL DEFAULT ''",
        "ALTER TABLE conversions ALTER source DROP DEFAULT", refusing_trigger,
        "CREATE TRIGGER t BEFORE UPDATE ON conversions FOR EACH ROW EXECUTE FUNCTION refuse()"},
       {"column source", "'processing': a trigger", "'completed': a trigger",
        "'pending': a trigger", "'failed': a trigger", "'cancelled': a trigger"}},
  };
  for (const misfit& each : notes) {
    INFO(each.changes.back());
    const std::string url = schema_with(each.changes);
    open_postgres(url);
    const auto noted = probe_rows(at(url));
    REQUIRE(noted);
    REQUIRE(noted->size() == each.named.size());
    for (std::size_t i = 0; i < noted->size(); ++i) {
      CHECK_THAT((*noted)[i], Catch::Contains(each.named[i]));
    }
  }
}

TEST_CASE("rules that only hang on rows which are there later are no misfits") {
  const std::vector<std::vector<std::string>> changes{
      // Nobody is there yet.
      {"CREATE TABLE users (id uuid PRIMARY KEY)",
       "ALTER TABLE images ADD FOREIGN KEY (user_id) REFERENCES users",
       "ALTER TABLE conversions ADD FOREIGN KEY (user_id) REFERENCES users"},
      {"ALTER TABLE conversions ADD CHECK (user_image_id <> cloth_image_id)"},
      {"ALTER TABLE conversions ADD CHECK (status <> 'completed' OR result_image_id IS NOT NULL)"},
      {"ALTER TABLE conversions ADD UNIQUE (user_id, user_image_id, cloth_image_id)"},
  };
  for (const auto& each : changes) {
    INFO(each.back());
    const std::string url = schema_with(each);
    const auto noted = open_postgres_record_store(at(url));
    INFO((noted ? "" : noted.error().message));
    REQUIRE(noted);
    CHECK(probe_rows(at(url))->empty());
  }
}

TEST_CASE("row-level security that keeps the service out ends the start") {
  const std::string url = tables_with(shared_server().new_database(), {});
  open_postgres(url);
  tell(
      url, {"DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN PASSWORD 'w'",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest"}
  );
  std::string as_guest = url;
  as_guest.replace(as_guest.find("ann:"), as_guest.find('@') - as_guest.find("ann:"), "guest:w");
  open_postgres(as_guest);
  const std::string table = GENERATE("images", "conversions");
  tell(
      url, {"ALTER TABLE " + table + " ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY readers ON " + table + " FOR SELECT USING (true)", row_of_conversion()}
  );
  const auto noted = probe_rows(at(as_guest));
  if (table == "images") {
    REQUIRE_FALSE(noted);
    CHECK_THAT(noted.error().message, Catch::Contains("row-level security"));
  } else {
    REQUIRE(noted);
    CHECK_THAT(noted->at(0), Catch::Contains("row-level security"));
  }
  tell(url, {"DROP OWNED BY guest", "DROP ROLE guest"});
}

TEST_CASE("rights that are lacking are named in one line, with the statements that grant them") {
  const std::string url = tables_with(shared_server().new_database(), {});
  tell(
      url, {"DROP ROLE IF EXISTS porter", "CREATE ROLE porter LOGIN PASSWORD 'w'",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC"}
  );
  std::string as_porter = url;
  as_porter.replace(
      as_porter.find("ann:"), as_porter.find('@') - as_porter.find("ann:"), "porter:w"
  );
  const auto refusal = [&] {
    const auto store = open_postgres_record_store(at(as_porter));
    REQUIRE_FALSE(store);
    CHECK(store.error().kind == error_class::permission);
    return store.error().message;
  };
  CHECK_THAT(refusal(), Catch::Contains("GRANT CREATE ON SCHEMA public TO porter"));
  open_postgres(url);
  tell(url, {"GRANT SELECT ON images, stayler_schema_versions TO porter"});
  const std::string lacking = refusal();
  CHECK_THAT(
      lacking, Catch::Contains("SELECT, UPDATE on conversions; INSERT, UPDATE, DELETE on images;")
  );
  const std::string help = "can say: ";
  std::string grants = lacking.substr(lacking.find(help) + help.size()) + "; ";
  for (auto end = grants.find("; "); end != std::string::npos; end = grants.find("; ")) {
    tell(url, {grants.substr(0, end)});
    grants.erase(0, end + 2);
  }
  const auto noted = probe_rows(at(as_porter));
  REQUIRE(noted);
  REQUIRE(noted->size() == 1);
  CHECK_THAT(noted->at(0), Catch::Contains("that the application has not made itself fail"));
  CHECK(open_postgres(as_porter)->probe());
  tell(url, {"DROP OWNED BY porter", "DROP ROLE porter"});
}

}  // namespace stayler::adapters::conformance
