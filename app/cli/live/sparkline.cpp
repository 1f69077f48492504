// SPDX-License-Identifier: MIT
#include "app/cli/live/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace stayler::cli {

namespace {

constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 10> digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

template <std::size_t Count>
std::string_view level(
    const std::array<std::string_view, Count>& signs, double value, double largest
) {
  if (largest <= 0) {
    return signs.front();
  }
  const auto share = std::clamp(value / largest, 0.0, 1.0);
  // Only nothing at all is the lowest sign: one failure in a thousand is to be seen.
  const auto height =
      share <= 0 ? 0 : static_cast<std::size_t>(1 + std::lround(share * (Count - 2)));
  return signs.at(std::min(height, Count - 1));
}

}  // namespace

std::string render_sparkline(
    const std::vector<double>& series, std::size_t width, bool has_blocks
) {
  const auto shown = std::min(width, series.size());
  const auto begin = series.end() - static_cast<std::ptrdiff_t>(shown);
  double largest = 0;
  std::for_each(begin, series.end(), [&largest](double value) {
    largest = std::isnan(value) ? largest : std::max(largest, value);
  });
  std::string line(width - shown, ' ');
  std::for_each(begin, series.end(), [&](double value) {
    line += std::isnan(value) ? std::string_view{" "}
            : has_blocks      ? level(blocks, value, largest)
                              : level(digits, value, largest);
  });
  return line;
}

}  // namespace stayler::cli
