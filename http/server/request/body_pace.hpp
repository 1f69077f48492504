// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <chrono>
#include <cstddef>

namespace stayler::http {

/// How fast a body has to come. A fixed time for all of it would be too short for a photo from a
/// phone, or leave a connection to whoever sends a byte now and then. As bodies are bounded in
/// size, so is their time.
struct body_pace {
  milliseconds patience{15'000};  ///< until the rate counts, and between two pieces
  std::size_t bytes_per_second = 16UL * 1024;
};

/// When a body is given up of which so many bytes have arrived, the last ones now.
std::chrono::steady_clock::time_point body_deadline(
    const body_pace& pace,
    std::chrono::steady_clock::time_point begun,
    std::chrono::steady_clock::time_point now,
    std::size_t body_bytes
);

}  // namespace stayler::http
