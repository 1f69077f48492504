// SPDX-License-Identifier: MIT

// Proves that connections to one SQLite file get their turns.

#include "adapters/sqlite/sqlite_database.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <atomic>
#include <thread>

using namespace stayler;
using namespace stayler::adapters;
using namespace std::chrono_literals;

namespace {

sqlite_database open_numbers(const std::filesystem::path& file) {
  auto database = sqlite_database::open(file, 2'000ms);
  REQUIRE(database);
  REQUIRE(database->exec("CREATE TABLE IF NOT EXISTS numbers (number INTEGER)"));
  return std::move(*database);
}

void_result add_numbers(sqlite_database& database, int count) {
  auto transaction = database.begin();
  if (!transaction) {
    return transaction.error();
  }
  for (int i = 0; i < count; ++i) {
    if (auto added = database.exec("INSERT INTO numbers VALUES (1)"); !added) {
      return added;
    }
  }
  return transaction->commit();
}

}  // namespace

TEST_CASE("a connection gets its turns beside one that writes without a pause") {
  const test::temporary_folder folder;
  auto busy = open_numbers(folder.path() / "numbers.db");
  auto other = open_numbers(folder.path() / "numbers.db");
  std::atomic<bool> is_over = false;
  std::thread writer{[&] {
    while (!is_over) {
      (void)add_numbers(busy, 1'000);
    }
  }};
  void_result added = ok();
  for (int i = 0; added && i < 20; ++i) {
    added = add_numbers(other, 1);
  }
  is_over = true;
  writer.join();
  CHECK((added ? std::string{} : added.error().message) == "");
}
