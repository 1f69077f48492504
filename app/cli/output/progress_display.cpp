// SPDX-License-Identifier: MIT
#include "app/cli/output/progress_display.hpp"

#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

namespace stayler::cli {

namespace {

constexpr std::size_t bar_width = 24;

void write_error(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::string render_bar(int percent, std::size_t width, bool has_blocks) {
  const auto full = static_cast<std::size_t>(std::clamp(percent, 0, 100)) * width / 100;
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) {
    bar += i < full ? (has_blocks ? "█" : "#") : (has_blocks ? "░" : "-");
  }
  return bar;
}

void progress_display::show(std::string_view stage, int percent, std::string_view remark) {
  if (out_.options().is_quiet) {
    return;
  }
  const auto said = remark.empty() ? std::string{} : fmt::format(" ({})", safe_text(remark));
  if (!out_.has_error_terminal()) {
    const auto whole = safe_text(stage) + said;
    if (whole != stage_) {
      out_.note(whole);
    }
    stage_ = whole;
    return;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin_
  );
  const bool has_unicode = out_.options().has_unicode;
  const auto line = fmt::format(
      "{:<12} {} {:>3}%  {}{}", safe_text(stage), render_bar(percent, bar_width, has_unicode),
      percent, show_duration(took), said
  );
  // One that is too long would go on in the next line, and stay there.
  const auto fitting = cut_to_width(line, out_.error_width() - 1, has_unicode);
  write_error("\r\x1b[K" + terminal_text(fitting, has_unicode));
  is_drawn_ = true;
}

void progress_display::clear() {
  if (is_drawn_) {
    write_error("\r\x1b[K");
  }
  is_drawn_ = false;
}

}  // namespace stayler::cli
