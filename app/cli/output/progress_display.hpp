// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/output/console.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace stayler::cli {

/// A bar of `width` characters for 0 to 100 percent: blocks, or "#" and "-" where the terminal
/// shows ASCII alone.
std::string render_bar(int percent, std::size_t width, bool has_blocks);

/// How far something is, on stderr: a bar that is drawn over itself on a terminal, a line for each
/// stage elsewhere, nothing with --quiet.
class progress_display {
 public:
  explicit progress_display(const console& out) : out_(out) {}
  progress_display(const progress_display&) = delete;
  progress_display& operator=(const progress_display&) = delete;
  ~progress_display() { clear(); }

  /// `remark` says more of the stage: "behind 12 others".
  void show(std::string_view stage, int percent, std::string_view remark = {});

  /// Takes the bar away, so that something else can be written.
  void clear();

 private:
  const console& out_;
  std::string stage_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace stayler::cli
