// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace stayler::cli {

/// A terminal's screen (ncurses), which is as it was before when this goes.
class live_screen {
 public:
  /// Null where the terminal cannot show one.
  static std::unique_ptr<live_screen> open();
  live_screen(const live_screen&) = delete;
  live_screen& operator=(const live_screen&) = delete;
  ~live_screen();

  [[nodiscard]] static std::size_t width();
  /// Its lines, without the one at the bottom.
  [[nodiscard]] static std::size_t height();

  /// Shows these lines, the first of them bold, and at the bottom another one.
  static void show(const std::vector<std::string>& lines, const std::string& bottom);

  /// The next key within that time; 0 where there is none.
  static int key_within(std::chrono::milliseconds time);

 private:
  live_screen() = default;
};

}  // namespace stayler::cli
