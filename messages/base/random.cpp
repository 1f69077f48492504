// SPDX-License-Identifier: MIT
#include "messages/base/random.hpp"

#include <cerrno>
#include <sys/random.h>

namespace stayler {

bool fill_random(std::span<std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const auto got = getrandom(bytes.data(), bytes.size(), 0);
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace stayler
