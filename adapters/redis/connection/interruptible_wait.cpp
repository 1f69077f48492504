// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/interruptible_wait.hpp"

#include <array>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace stayler::adapters {

interruptible_wait::interruptible_wait() : event_(eventfd(0, EFD_CLOEXEC)) {}

interruptible_wait::~interruptible_wait() {
  close(event_);
}

bool interruptible_wait::for_input(int descriptor, milliseconds time) const {
  std::array<pollfd, 2> watched{pollfd{event_, POLLIN, 0}, pollfd{descriptor, POLLIN, 0}};
  const int ready = poll(watched.data(), watched.size(), static_cast<int>(time.count()));
  return ready > 0 && watched[0].revents == 0;
}

void interruptible_wait::interrupt() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_, &one, sizeof one);
}

}  // namespace stayler::adapters
