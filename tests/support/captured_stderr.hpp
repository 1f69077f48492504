// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/catch.hpp"

#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

namespace stayler::test {

/// While it lives, what the process writes to stderr is kept instead. One at a time.
class captured_stderr {
 public:
  captured_stderr() : kept_(std::tmpfile()), saved_(::dup(STDERR_FILENO)) {
    REQUIRE(kept_ != nullptr);
    REQUIRE(saved_ >= 0);
    REQUIRE(::dup2(::fileno(kept_), STDERR_FILENO) >= 0);
  }
  captured_stderr(const captured_stderr&) = delete;
  captured_stderr& operator=(const captured_stderr&) = delete;
  ~captured_stderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    std::fclose(kept_);
  }

  /// All of it so far.
  [[nodiscard]] std::string text() const {
    std::string all;
    std::string part(4096, '\0');
    for (ssize_t count = 1; count > 0;) {
      count = ::pread(::fileno(kept_), part.data(), part.size(), static_cast<off_t>(all.size()));
      all.append(part, 0, count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return all;
  }

  /// The lines so far, without their ends.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::string rest = text();
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      all.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
    return all;
  }

 private:
  std::FILE* kept_;
  int saved_;
};

}  // namespace stayler::test
