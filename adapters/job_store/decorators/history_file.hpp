// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace stayler::adapters {

/// A file that lines are appended to. With a retention it belongs to one process, and is closed
/// when it is an eighth of that old, and at each start: FILE.MILLISECONDS, by when that was; closed
/// files go when their retention is over. One thread at a time.
class history_file {
 public:
  /// `retention`: 0 for no end. unavailable.
  static result<std::unique_ptr<history_file>> open(
      const std::filesystem::path& file, milliseconds retention, timestamp now
  );

  history_file(const history_file&) = delete;
  history_file& operator=(const history_file&) = delete;
  ~history_file();

  /// A history that cannot be written must not stop the jobs: its checker finds the gap.
  void write(const std::string& text, timestamp now);

 private:
  history_file(std::filesystem::path file, milliseconds retention);

  void_result begin(timestamp now);
  void close(timestamp now);
  void expire(timestamp now) const;

  std::filesystem::path file_;
  milliseconds retention_;
  timestamp begun_;
  int descriptor_ = -1;
};

}  // namespace stayler::adapters
