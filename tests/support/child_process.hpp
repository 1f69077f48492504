// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/catch.hpp"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace stayler::test {

/// A new empty folder, removed with all it holds at the end.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "stayler-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Forks. The child runs `work` with the writing end of a pipe and exits without clean-up; the
/// parent gets the reading end. Call it while the process has no other thread.
class child_process {
 public:
  explicit child_process(const std::function<void(int)>& work) {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      work(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process() {
    ::close(output_);
    kill();
  }

  /// Up to `size` bytes; fewer only once the child has closed its end.
  std::string read(std::size_t size) {
    std::string text(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
      const ssize_t count = ::read(output_, text.data() + filled, size - filled);
      if (count <= 0) {
        break;
      }
      filled += static_cast<std::size_t>(count);
    }
    text.resize(filled);
    return text;
  }

  /// Everything up to the end.
  std::string read_all() {
    std::string text;
    for (std::string part = read(4096); !part.empty(); part = read(4096)) {
      text += part;
    }
    return text;
  }

  /// kill -9, and waits for the end.
  void kill() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      pid_ = -1;
    }
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

/// Runs `store(n)` for n = 0, 1, ... in a child process, which is killed in the middle of it.
/// Returns how many calls had been answered.
inline std::uint32_t kill_while_storing(const std::function<bool(std::uint32_t)>& store) {
  child_process child{[&store](int acknowledgements) {
    for (std::uint32_t n = 0; store(n); ++n) {
      if (::write(acknowledgements, "+", 1) != 1) {
        break;
      }
    }
  }};
  const auto before = child.read(100).size();
  child.kill();
  return static_cast<std::uint32_t>(before + child.read_all().size());
}

}  // namespace stayler::test
