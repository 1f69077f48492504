// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_descriptor/file_descriptor.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace stayler::cli {

/// What is known of one job of a batch. Empty is what is not known.
struct batch_entry {
  std::string key;  ///< its idempotency key
  std::size_t row = 0;
  std::string state;    ///< sending, submitted, completed, failed, cancelled or refused
  std::string request;  ///< as it was sent: sent again, it has to be the same
  std::string job;
  std::string image;
  std::string output;  ///< the file that was written
  std::string error;
};

/// An entry as a line of a results file.
std::string render_batch_entry(const batch_entry& entry);

/// A results file: JSON lines, the first of which has the batch's id, and the last of those with
/// the same key what is known. Each change is appended at once, what is to be sent before it is
/// sent, so that a run that was killed is gone on with by the next one.
class batch_log {
 public:
  /// Opens the file, or makes it. One run may have it at a time. Throws command_error: usage where
  /// it is another kind of file or another run has it, refused where it cannot be written.
  explicit batch_log(std::string file);

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

  /// What is known under that key; an entry with that key alone where there is nothing.
  [[nodiscard]] batch_entry find(const std::string& key) const;

  void put(const batch_entry& entry);

  /// Writes the file anew, with one line for each of these and of those that are of other rows.
  void compact(const std::vector<std::string>& order);

 private:
  void read(const std::string& text);
  void append(const std::string& line);

  std::string file_;
  std::string id_;
  adapters::file_descriptor descriptor_;
  std::map<std::string, batch_entry> entries_;
};

}  // namespace stayler::cli
