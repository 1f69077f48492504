// SPDX-License-Identifier: MIT

// The contract of a record store, kept by PostgreSQL; and which schema it opens, with which rights.

#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/integration/record_store/user_records_conformance.hpp"

#include <string>

namespace stayler::adapters::conformance {

TEST_CASE("the PostgreSQL record store keeps the contract") {
  const record_store_maker maker{
      [url = shared_server().new_database()] { return open_postgres(url); }};
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

TEST_CASE("a newer schema is refused; one that is up to date takes no right to create tables") {
  const std::string url = shared_server().new_database();
  open_postgres(url);
  tell(
      url, {"DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN PASSWORD 'w'",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC"}
  );
  std::string as_clerk = url;
  as_clerk.replace(as_clerk.find("ann:"), as_clerk.find('@') - as_clerk.find("ann:"), "clerk:w");
  const auto store = open_postgres(as_clerk);
  CHECK(store->record(update_of({1, 1, status::processing, ""})));
  CHECK(store->put_image(image_number(1)));
  CHECK(store->remove_image("i1"));
  tell(url, {"REVOKE INSERT ON images FROM clerk"});
  CHECK(kind_of(store->put_image(image_number(1))) == error_class::permission);

  const auto set_version = [&](const std::string& schema, int version) {
    tell(
        url, {"UPDATE stayler_schema_versions SET version = " + std::to_string(version)
              + " WHERE schema = '" + schema + "'"}
    );
  };
  set_version("records", 99);
  set_version("records:oldest_reader", 98);
  const auto refused = open_postgres_record_store(at(url));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK_THAT(refused.error().message, Catch::Contains("has version 99"));
  CHECK_THAT(refused.error().message, Catch::Contains("know version 98"));

  // Those in between only add what this one can do without.
  set_version("records:oldest_reader", 6);
  CHECK(open_postgres_record_store(at(url)));

  // As the first versions have left it.
  tell(url, {"DELETE FROM stayler_schema_versions WHERE schema = 'records:oldest_reader'"});
  CHECK_FALSE(open_postgres_record_store(at(url)));
  set_version("records", 6);
  CHECK(open_postgres_record_store(at(url)));
}

}  // namespace stayler::adapters::conformance
