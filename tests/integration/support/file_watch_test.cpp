// SPDX-License-Identifier: MIT

// Files that change are noticed, however they do.

#include "adapters/file_watch/file_watch.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using adapters::file_watch;
using stayler::test::temporary_folder;

namespace {

/// Counts the calls of a watch.
class change_counter {
 public:
  void add() {
    const std::lock_guard lock{mutex_};
    ++count_;
    news_.notify_all();
  }

  [[nodiscard]] bool reaches(std::size_t count, std::chrono::milliseconds limit = 10s) {
    std::unique_lock lock{mutex_};
    return news_.wait_for(lock, limit, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::size_t count_ = 0;
};

void put(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file} << text;
}

}  // namespace

TEST_CASE("a file that is written to, replaced, removed or made is noticed") {
  const temporary_folder folder;
  const auto file = folder.path() / "file";
  const auto other = folder.path() / "other";
  put(file, "one");
  change_counter changes;
  file_watch watch{{other, file}, [&] { changes.add(); }, 5ms};
  watch.trigger();  // once it is told of this, it has seen the files
  REQUIRE(changes.reaches(1));

  put(file, "another");
  CHECK(changes.reaches(2));
  put(folder.path() / "new", "six");
  std::filesystem::rename(folder.path() / "new", file);
  CHECK(changes.reaches(3));
  std::filesystem::remove(file);
  CHECK(changes.reaches(4));
  put(other, "made");
  CHECK(changes.reaches(5));
}

TEST_CASE("where a link is led elsewhere the file behind it counts") {
  const temporary_folder folder;
  for (const auto* name : {"a", "b"}) {
    put(folder.path() / name, "same");
  }
  const auto link = folder.path() / "link";
  std::filesystem::create_symlink("a", link);
  change_counter changes;
  file_watch watch{{link}, [&] { changes.add(); }, 5ms};
  watch.trigger();
  REQUIRE(changes.reaches(1));
  std::filesystem::create_symlink("b", folder.path() / "next");
  std::filesystem::rename(folder.path() / "next", link);
  CHECK(changes.reaches(2));
}

TEST_CASE("files that stay as they are, and a watch that ends, say nothing") {
  const temporary_folder folder;
  put(folder.path() / "file", "one");
  change_counter changes;
  {
    const file_watch watch{{folder.path() / "file"}, [&] { changes.add(); }, 1ms};
    CHECK_FALSE(changes.reaches(1, 50ms));
  }
  put(folder.path() / "file", "other");
  CHECK_FALSE(changes.reaches(1, 0ms));
}

TEST_CASE("a watch that is triggered tells at once, however seldom it looks") {
  const temporary_folder folder;
  change_counter changes;
  file_watch watch{{folder.path() / "none"}, [&] { changes.add(); }, 1h};
  watch.trigger();
  CHECK(changes.reaches(1));
  watch.trigger();
  CHECK(changes.reaches(2));
}
