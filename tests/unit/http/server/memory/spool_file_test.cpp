// SPDX-License-Identifier: MIT

#include "http/server/memory/spool_file.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <filesystem>
#include <string>

using namespace stayler;
using namespace stayler::http;

TEST_CASE("what was written to a spool file is read back, and nothing shows of it", "[memory]") {
  const test::temporary_folder folder;
  spool_file file{{folder.path()}};
  REQUIRE(file.append("first "));
  REQUIRE(file.append(std::string(100'000, 'x')));
  CHECK(std::filesystem::is_empty(folder.path()));
  const auto bytes = file.read();
  REQUIRE(bytes);
  CHECK(bytes->size() == 100'006);
  CHECK(bytes->front() == std::byte{'f'});
  CHECK(bytes->back() == std::byte{'x'});
}

TEST_CASE("a spool file leaves room on the disk for others", "[memory]") {
  const test::temporary_folder folder;
  constexpr std::uint64_t all = 1ULL << 60U;
  spool_file file{{folder.path(), all, 100}};
  CHECK(file.append("x").error().kind == error_class::store_full);
}

TEST_CASE("a spool file without a folder is unavailable", "[memory]") {
  const test::temporary_folder folder;
  spool_file file{{folder.path() / "gone"}};
  CHECK(file.append("x").error().kind == error_class::unavailable);
}
