// SPDX-License-Identifier: MIT

#include "adapters/file_watch/file_changes.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace stayler::adapters {

namespace {

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file} << text;
}

}  // namespace

TEST_CASE("a file that stays as it is has not changed", "[file_changes]") {
  const test::temporary_folder folder;
  const auto file = folder.path() / "a";
  write_file(file, "one");
  file_changes watch{{file.string(), (folder.path() / "none").string()}};
  CHECK_FALSE(watch.look());
  CHECK_FALSE(watch.look());
}

TEST_CASE("a change is told once, when the files have come to rest", "[file_changes]") {
  const test::temporary_folder folder;
  const auto first = folder.path() / "a";
  const auto second = folder.path() / "b";
  write_file(first, "one");
  write_file(second, "one");
  file_changes watch{{first.string(), second.string()}};
  write_file(first, "other");
  CHECK_FALSE(watch.look());
  write_file(second, "other");
  CHECK_FALSE(watch.look());
  CHECK(watch.look());
  CHECK_FALSE(watch.look());
}

TEST_CASE("a file that is replaced, removed or led elsewhere has changed", "[file_changes]") {
  const test::temporary_folder folder;
  const auto file = folder.path() / "link";
  write_file(folder.path() / "old", "same");
  write_file(folder.path() / "new", "same");
  std::filesystem::create_symlink(folder.path() / "old", file);
  file_changes watch{{file.string()}};
  const auto has_changed = [&watch] {
    watch.look();
    return watch.look();
  };
  std::filesystem::remove(file);
  CHECK(has_changed());
  std::filesystem::create_symlink(folder.path() / "new", file);
  CHECK(has_changed());
  std::filesystem::rename(folder.path() / "old", folder.path() / "new");
  CHECK(has_changed());
}

}  // namespace stayler::adapters
