// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <filesystem>
#include <utility>

namespace stayler::adapters {

/// Says that this process alone works on something: an exclusive lock on a file of that name, which
/// is made where it is missing and stays. The kernel gives the lock back when the process ends,
/// however it ends.
class file_lock {
 public:
  /// conflict at once where another process, or another lock of this one, holds it; unavailable
  /// where the file cannot be opened.
  static result<file_lock> acquire(const std::filesystem::path& file);

  file_lock(file_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  file_lock& operator=(file_lock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~file_lock();

 private:
  explicit file_lock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace stayler::adapters
