// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/small_file/numbered_files.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// The files of one trail, which lie beside one another: FILE, which grows; FILE.1, FILE.50001 and
/// so on, closed ones that begin with the record of that place; FILE.head, FILE.key, FILE.lock.
class audit_files {
 public:
  explicit audit_files(std::filesystem::path file) : file_(std::move(file)) {}

  [[nodiscard]] const std::filesystem::path& growing() const noexcept { return file_; }
  [[nodiscard]] std::filesystem::path head() const { return with(".head"); }
  [[nodiscard]] std::filesystem::path key() const { return with(".key"); }
  [[nodiscard]] std::filesystem::path lock() const { return with(".lock"); }
  /// Where records of versions without a chain are put aside.
  [[nodiscard]] std::filesystem::path unchained() const { return with(".unchained"); }
  [[nodiscard]] std::filesystem::path closed(std::uint64_t first_sequence) const {
    return with("." + std::to_string(first_sequence));
  }

  /// The closed ones, each by the place of its first record, the oldest first.
  [[nodiscard]] std::vector<numbered_file> list_closed() const {
    return list_numbered_files(file_);
  }

 private:
  [[nodiscard]] std::filesystem::path with(const std::string& ending) const {
    return file_.string() + ending;
  }

  std::filesystem::path file_;
};

/// The key that the service keeps for itself beside the trail: made of random bits where there is
/// none and `may_make`. not_found, unavailable.
result<std::string> own_audit_key(const audit_files& files, bool may_make);

/// Says that one process alone works on the trail's files. Between threads it says nothing.
class audit_lock {
 public:
  /// unavailable where the file cannot be opened.
  static result<audit_lock> open(const audit_files& files);

  audit_lock(audit_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  audit_lock& operator=(audit_lock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~audit_lock();

  /// Waits for other processes; what dies gives it back.
  void lock() noexcept;
  void unlock() noexcept;

 private:
  explicit audit_lock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace stayler::adapters
