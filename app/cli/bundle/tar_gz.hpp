// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <string>
#include <string_view>

namespace stayler::cli {

/// Writes a .tar.gz in memory (libarchive). Throws command_error (refused) where it cannot.
class tar_gz {
 public:
  explicit tar_gz(timestamp made_at);
  tar_gz(const tar_gz&) = delete;
  tar_gz& operator=(const tar_gz&) = delete;
  ~tar_gz();

  /// Adds a file that its owner alone may read.
  void add(const std::string& name, std::string_view content);

  /// The whole archive. Nothing can be added afterwards.
  std::string finish();

 private:
  struct state;
  state* state_;
};

}  // namespace stayler::cli
