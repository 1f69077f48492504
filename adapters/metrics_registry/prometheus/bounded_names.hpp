// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters {

/// The label value for everything that has none of its own.
inline constexpr std::string_view other_label = "other";

/// The label values of one kind that may exist: those that come first, then "other" for all the
/// rest, so that nobody can fill the memory of this process or of Prometheus with names.
class bounded_names {
 public:
  explicit bounded_names(std::size_t limit) : limit_(limit) {}

  std::string admit(std::string_view name) {
    if (known_.find(name) == known_.end()) {
      if (known_.size() >= limit_) {
        return std::string{other_label};
      }
      known_.emplace(name);
    }
    return std::string{name};
  }

  /// Makes room: what bears that name has gone.
  void forget(std::string_view name) {
    if (const auto known = known_.find(name); known != known_.end()) {
      known_.erase(known);
    }
  }

 private:
  std::size_t limit_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace stayler::adapters
