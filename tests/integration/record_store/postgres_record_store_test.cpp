// SPDX-License-Identifier: MIT

// The contract of a record store, kept by PostgreSQL; tables that the application has made; several
// processes; and a server that is away.
#include "adapters/record_store/postgres_record_store.hpp"

#include "adapters/postgres/postgres_database.hpp"
#include "tests/integration/record_store/record_store_conformance.hpp"
#include "tests/support/servers/postgres_process.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace stayler::adapters::conformance {

namespace {

using test::postgres_process;

/// One server for all cases that leave it alone; each has a database of its own.
postgres_process& shared_server() {
  static postgres_process server;
  return server;
}

postgres_options at(const std::string& url) {
  auto options = parse_postgres_url(url);
  REQUIRE(options);
  return *options;
}

std::unique_ptr<record_store> open_postgres(const std::string& url) {
  auto store = open_postgres_record_store(at(url));
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  return std::move(*store);
}

/// Each statement in turn; the answer to the last.
postgres_rows tell(const std::string& url, const std::vector<std::string>& statements) {
  postgres_database database{at(url)};
  std::optional<postgres_rows> last;
  for (const std::string& statement : statements) {
    auto answer = database.query(statement);
    INFO(statement << ": " << (answer ? "" : answer.error().message));
    REQUIRE(answer);
    last = std::move(*answer);
  }
  return std::move(*last);
}

/// Until it is true; returns whether it became so.
template <class Predicate>
bool becomes(Predicate is_so) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds{20});
  }
  return true;
}

error_class kind_of(const void_result& answer) {
  return answer ? error_class::none : answer.error().kind;
}

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
  const std::string url = shared_server().new_database();
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

TEST_CASE("the PostgreSQL record store keeps the contract") {
  const record_store_maker maker{
      [url = shared_server().new_database()] { return open_postgres(url); }};
  SECTION("fencing") {
    check_fencing(maker);
  }
  SECTION("conflicts") {
    check_conflict_message(maker);
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
  SECTION("found limits") {
    check_found_limits(maker);
  }
  SECTION("durability") {
    check_durability(maker);
  }
}

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
  update.user_id = picture;  // nobody
  CHECK(kind_of(store->record(update)) == error_class::invalid_input);
  update.user_id = std::string{"a\0b", 3};
  CHECK(kind_of(store->record(update)) == error_class::invalid_input);
  CHECK(store->record(update_of_wish({1, 1, status::processing, ""})));
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

  tell(url, {"UPDATE stayler_schema_versions SET version = 99"});
  const auto refused = open_postgres_record_store(at(url));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK_THAT(refused.error().message, Catch::Contains("version 99"));
}

TEST_CASE("processes that start together make the tables once") {
  const std::string url = shared_server().new_database();
  std::vector<std::future<bool>> starting;
  for (int i = 0; i < 8; ++i) {
    starting.push_back(std::async(std::launch::async, [&url] {
      const auto store = open_postgres_record_store(*parse_postgres_url(url));
      return store && (*store)->probe();
    }));
  }
  for (auto& one : starting) {
    CHECK(one.get());
  }
}

TEST_CASE("of attempts that record one conversion at the same time the greatest token stands") {
  const bool is_new = GENERATE(true, false);
  const std::string url = shared_server().new_database();
  constexpr std::uint64_t writers = 6;
  constexpr int conversions = 25;
  std::vector<std::unique_ptr<record_store>> stores;
  for (std::uint64_t i = 0; i < writers; ++i) {
    stores.push_back(open_postgres(url));
  }
  std::atomic<int> ready{0};
  std::atomic<int> unexpected{0};
  std::atomic<int> completed{0};
  for (int n = 0; !is_new && n < conversions; ++n) {
    REQUIRE(stores[0]->record(update_of({1, 0, status::pending, ""}, std::to_string(n))));
  }
  const auto write = [&](std::uint64_t token) {
    for (int n = 0; n < conversions; ++n) {
      ++ready;
      while (ready < static_cast<int>(writers) * (n + 1)) {
        std::this_thread::yield();
      }
      const std::string id = std::to_string(n);
      for (const auto says : {status::processing, status::completed}) {
        const bool is_last = says == status::completed;
        const auto answer = stores[token - 1]->record(
            update_of({1, token, says, is_last ? "r" + std::to_string(token) : ""}, id)
        );
        if (answer && is_last) {
          ++completed;
        } else if (!answer && answer.error().kind != conflict) {
          ++unexpected;
        }
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t token = 1; token <= writers; ++token) {
    threads.emplace_back(write, token);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(unexpected == 0);
  // Each conversion took one result, and says whose.
  CHECK(completed == conversions);
  for (int n = 0; n < conversions; ++n) {
    const auto found = stores[0]->find_conversion(std::to_string(n));
    REQUIRE(found);
    CHECK(found->last.status == status::completed);
    const auto token = static_cast<std::uint64_t>(found->last.attempt.token);
    CHECK(found->last.result_image_id == "r" + std::to_string(token));
  }
}

TEST_CASE("who waits for another's record decides on what that one has written") {
  const std::string url = shared_server().new_database();
  const auto store = open_postgres(url);
  REQUIRE(store->record(update_of({1, 1, status::processing, ""})));
  auto other = postgres_connection::open(at(url));
  REQUIRE(other);
  REQUIRE(other->execute("BEGIN"));
  REQUIRE(other->execute("UPDATE conversions SET status = 'processing' WHERE id = 'c1'"));
  REQUIRE(other->execute("UPDATE stayler_conversion_leases SET token = 2"));
  auto late = std::async(std::launch::async, [&store] {
    return store->record(update_of({1, 1, status::completed, "r"}));
  });
  REQUIRE(becomes([&] {
    const auto waiting =
        other->execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    return waiting && waiting->size() == 1;
  }));
  REQUIRE(other->execute("COMMIT"));
  CHECK(kind_of(late.get()) == conflict);
}

TEST_CASE("a record that another holds for too long is unavailable") {
  const std::string url = shared_server().new_database();
  const auto store = open_postgres(url);
  REQUIRE(store->record(update_of({1, 1, status::processing, ""})));
  auto other = postgres_connection::open(at(url));
  REQUIRE(other);
  REQUIRE(other->execute("BEGIN"));
  REQUIRE(other->execute("SELECT FROM conversions FOR UPDATE"));
  const auto refused = store->record(update_of({1, 1, status::completed, "r"}));
  CHECK(kind_of(refused) == error_class::unavailable);
  CHECK_THAT(refused.error().message, Catch::Contains("57014"));
  CHECK(store->probe());
  REQUIRE(other->execute("ROLLBACK"));
  CHECK(store->record(update_of({1, 1, status::completed, "r"})));
}

TEST_CASE("a store goes on by itself when its server was away") {
  postgres_process server;
  const std::string url = server.new_database();
  const auto store = open_postgres(url);
  const auto update = update_of({1, 1, status::processing, ""});
  REQUIRE(store->record(update));
  const auto check_away = [&] {
    const auto began = std::chrono::steady_clock::now();
    CHECK(kind_of(store->probe()) == error_class::unavailable);
    CHECK(kind_of(store->record(update)) == error_class::unavailable);
    CHECK(store->find_image("i1").error().kind == error_class::unavailable);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{4});
  };
  SECTION("stopped and started again") {
    server.stop();
    check_away();
    server.start();
  }
  SECTION("restarted between two calls") {
    server.stop();
    server.start();
    CHECK(store->probe());
  }
  SECTION("killed") {
    server.kill9();
    check_away();
    server.start();
  }
  SECTION("hung") {
    server.pause();
    check_away();
    server.resume();
  }
  const auto back = std::chrono::steady_clock::now();
  CHECK(becomes([&] { return static_cast<bool>(store->probe()); }));
  CHECK(std::chrono::steady_clock::now() - back < std::chrono::seconds{2});
  CHECK(store->find_conversion("c1")->last == update);
  CHECK(store->record(update_of({1, 1, status::completed, "r"})));
}

TEST_CASE("connections that the server ends are made again, in the middle of work too") {
  const std::string url = shared_server().new_database();
  const auto store = open_postgres(url);
  const std::string end_others =
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()";
  tell(url, {end_others});
  CHECK(store->record(update_of({1, 1, status::processing, ""})));

  std::atomic<bool> is_over = false;
  std::thread foe{[&] {
    auto connection = postgres_connection::open(*parse_postgres_url(url));
    while (connection && !is_over) {
      static_cast<void>(connection->execute(end_others));
      std::this_thread::sleep_for(milliseconds{5});
    }
  }};
  std::vector<std::string> answered;
  int refusals = 0;
  for (int n = 0; n < 100'000 && (answered.size() < 50 || refusals < 5); ++n) {
    const auto answer = store->record(update_of({1, 1, status::completed, "r"}, std::to_string(n)));
    if (answer) {
      answered.push_back(std::to_string(n));
    } else {
      ++refusals;
      CHECK(answer.error().kind == error_class::unavailable);
      std::this_thread::sleep_for(milliseconds{2});
    }
  }
  is_over = true;
  foe.join();
  CHECK(refusals >= 5);
  CHECK(becomes([&] { return static_cast<bool>(store->probe()); }));
  for (const std::string& id : answered) {
    CHECK(store->find_conversion(id)->last.status == status::completed);
  }
}

}  // namespace stayler::adapters::conformance
