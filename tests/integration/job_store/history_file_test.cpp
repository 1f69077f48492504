// SPDX-License-Identifier: MIT

// How long the history of jobs is kept.

#include "adapters/job_store/decorators/history_file.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace stayler;
using namespace stayler::adapters;
using stayler::test::temporary_folder;

namespace {

constexpr timestamp begin{milliseconds{1'800'000'000'000}};

timestamp after(int ms) {
  return begin + milliseconds{ms};
}

/// What the files of that folder hold, each in braces.
std::multiset<std::string> contents(const temporary_folder& folder) {
  std::multiset<std::string> all;
  for (const auto& each : std::filesystem::directory_iterator{folder.path()}) {
    std::ifstream in{each.path()};
    all.insert({std::istreambuf_iterator<char>{in}, {}});
  }
  return all;
}

}  // namespace

TEST_CASE("without a retention a history is one file, for ever and over restarts") {
  const temporary_folder folder;
  const auto path = folder.path() / "history";
  history_file::open(path, milliseconds{0}, begin).value()->write("a", begin);
  history_file::open(path, milliseconds{0}, after(1)).value()->write("b", after(1'000'000'000));
  CHECK(contents(folder) == std::multiset<std::string>{"ab"});
}

TEST_CASE("with a retention old parts of a history go, and what is not old stays") {
  const temporary_folder folder;
  const auto path = folder.path() / "history";
  const auto file = history_file::open(path, milliseconds{800}, begin).value();
  file->write("a", after(1));
  file->write("b", after(100));
  file->write("c", after(101));
  CHECK(contents(folder) == std::multiset<std::string>{"ab", "c"});
  file->write("d", after(850));
  CHECK(contents(folder) == std::multiset<std::string>{"ab", "c", "d"});
  file->write("e", after(1'000));
  CHECK(contents(folder) == std::multiset<std::string>{"c", "d", "e"});
}

TEST_CASE("a start closes the history of before, and removes what is past its time") {
  const temporary_folder folder;
  const auto path = folder.path() / "history";
  history_file::open(path, milliseconds{800}, begin).value()->write("a", begin);
  history_file::open(path, milliseconds{800}, after(50)).value()->write("b", after(50));
  CHECK(contents(folder) == std::multiset<std::string>{"a", "b"});
  history_file::open(path, milliseconds{800}, after(900)).value()->write("c", after(900));
  CHECK(contents(folder) == std::multiset<std::string>{"b", "c"});
}

TEST_CASE("a history whose file cannot be opened is an error with its name") {
  const auto refused = history_file::open("/nowhere/at/all", milliseconds{0}, begin);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "history /nowhere/at/all: No such file or directory");
}
