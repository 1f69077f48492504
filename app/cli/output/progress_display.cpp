// SPDX-License-Identifier: MIT
#include "app/cli/output/progress_display.hpp"

#include "messages/base/text.hpp"

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

bool shows_unicode(
    const std::string& lc_all, const std::string& lc_ctype, const std::string& lang
) {
  const auto& set = !lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang;
  const auto name = to_upper(set);
  return name.find("UTF-8") != std::string::npos || name.find("UTF8") != std::string::npos;
}

progress_display::progress_display(const console& out, bool has_blocks)
    : out_(out), has_blocks_(has_blocks) {}

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
  write_error(fmt::format(
      "\r\x1b[K{:<12} {} {:>3}%  {}{}", safe_text(stage),
      render_bar(percent, bar_width, has_blocks_), percent, show_duration(took), said
  ));
  is_drawn_ = true;
}

void progress_display::clear() {
  if (is_drawn_) {
    write_error("\r\x1b[K");
  }
  is_drawn_ = false;
}

}  // namespace stayler::cli
