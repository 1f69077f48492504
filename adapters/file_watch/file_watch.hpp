// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stayler::adapters {

/// Notices that files are written or replaced, by a look at them now and then; links are followed.
/// What they hold is not read. One thread at a time.
class file_watch {
 public:
  explicit file_watch(std::vector<std::string> files);

  /// True once for each change, at the first look that finds the files as the look before did: of
  /// two that are written one after the other, not the first alone.
  bool has_changed();

 private:
  /// What differs once a file is another one or holds something else; all 0 where there is none.
  struct trait {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    std::int64_t bytes = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const trait&, const trait&) = default;
  };

  [[nodiscard]] std::vector<trait> look() const;

  std::vector<std::string> files_;
  std::vector<trait> known_;
  std::vector<trait> seen_;  ///< at the last look
};

}  // namespace stayler::adapters
