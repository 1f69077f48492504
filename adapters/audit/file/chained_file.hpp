// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/audit/file/audit_files.hpp"
#include "adapters/audit/file/audit_head.hpp"
#include "adapters/audit/file/audit_line.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace stayler::adapters {

/// When a trail's file is closed and another one begun, and when closed ones go.
struct audit_retention {
  milliseconds kept{365LL * 24 * 3'600'000};
  std::uint64_t file_bytes = 16UL << 20U;

  /// A file is closed when it is so old, so that its records go in time: a closed file goes as a
  /// whole.
  [[nodiscard]] milliseconds file_age() const noexcept { return kept / 8; }
};

/// The end of the chain in a trail's files, which other processes may make longer too. Calls block;
/// one thread at a time.
class chained_file {
 public:
  /// Goes on where the files end, or, where records that the signed head knows of are gone, where
  /// that one ends: the gap stays to be seen. What is not whole, then or later, is an error in
  /// the log and a record of its own. Records of versions without a chain are put aside.
  /// unavailable, invalid_input (no regular file).
  static result<std::unique_ptr<chained_file>> open(
      audit_files files, std::string key, audit_retention retention
  );

  chained_file(const chained_file&) = delete;
  chained_file& operator=(const chained_file&) = delete;
  ~chained_file();

  using loss_function = std::function<void(const audit_record&, const std::string& reason)>;

  /// Each record is written whole, or `lose` is called for it.
  void append(std::span<const audit_record> records, const loss_function& lose);

  /// Makes what was appended durable and signs it. unavailable.
  void_result sign();

  /// Removes closed files whose records are all past their time, and keeps those that do not go on
  /// from what was removed before. unavailable; invalid_input where one is kept for that.
  void_result expire(timestamp now);

  /// What was wrong with the files when they were last looked at anew; empty: nothing.
  [[nodiscard]] const std::string& finding() const noexcept { return finding_; }

 private:
  chained_file(audit_files files, std::string key, audit_retention retention, audit_lock lock);

  void_result catch_up();
  void_result load();
  void_result record_finding();
  [[nodiscard]] bool is_unchained() const;
  void_result open_growing();
  void find_end();
  void compare_with_head();
  void_result append_one(const audit_record& record);
  void_result close_if_due(timestamp now);
  void_result write_head();

  audit_files files_;
  std::string key_;
  audit_retention retention_;
  audit_lock lock_;
  int file_ = -1;
  std::uint64_t inode_ = 0;
  std::uint64_t size_ = 0;            ///< of the growing file
  std::uint64_t first_sequence_ = 0;  ///< in it; 0: it is empty
  timestamp first_at_;
  audit_link start_;
  audit_link last_;
  audit_head signed_;  ///< the newest head that was seen: the file may lose it
  bool is_signed_ = true;
  std::string finding_;
};

}  // namespace stayler::adapters
