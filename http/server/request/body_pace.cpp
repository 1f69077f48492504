// SPDX-License-Identifier: MIT
#include "http/server/request/body_pace.hpp"

#include <algorithm>

namespace stayler::http {

std::chrono::steady_clock::time_point body_deadline(
    const body_pace& pace,
    std::chrono::steady_clock::time_point begun,
    std::chrono::steady_clock::time_point now,
    std::size_t body_bytes
) {
  const auto rate = std::max(pace.bytes_per_second, std::size_t{1});
  const std::chrono::seconds bought{body_bytes / rate};
  return std::min(begun + pace.patience + bought, now + pace.patience);
}

}  // namespace stayler::http
