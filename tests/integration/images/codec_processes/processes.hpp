// SPDX-License-Identifier: MIT
#pragma once

// What the tests of codec processes look at: the processes that this one has started.

#include "adapters/image_codec/process/process_image_codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/process_states.hpp"

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <sys/types.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace stayler::test {

inline std::set<::pid_t> children() {
  return children_of(::getpid());
}

inline std::size_t count_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Looks again, with short pauses, until it holds; false where that takes longer than 20 s.
template <class Predicate>
bool comes_true(Predicate holds) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > limit) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

inline result<std::unique_ptr<adapters::image_codec>> start_codec(
    const std::filesystem::path& program,
    std::size_t processes = 1,
    std::chrono::milliseconds call_timeout = std::chrono::seconds{30}
) {
  adapters::process_image_codec_options options;
  options.program = program;
  options.processes = processes;
  options.call_timeout = call_timeout;
  return adapters::make_process_image_codec(options);
}

/// The program under the name of what it is to do.
class lying_codec {
 public:
  explicit lying_codec(const std::string& name) : program_(folder_.path() / name) {
    std::filesystem::create_symlink(LYING_CODEC, program_);
  }

  [[nodiscard]] const std::filesystem::path& program() const noexcept { return program_; }

 private:
  temporary_folder folder_;
  std::filesystem::path program_;
};

}  // namespace stayler::test
