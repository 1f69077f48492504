// SPDX-License-Identifier: MIT
#include "app/codec/sandbox/landlock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>

namespace stayler::app {

namespace {

// From the kernel's interface (linux/landlock.h), whose header may be older than the kernel.
constexpr std::uint32_t create_version = 1;

struct ruleset_attributes {
  std::uint64_t file_rights = 0;
  std::uint64_t network_rights = 0;
};

/// All rights that a version of the interface knows, each a bit.
ruleset_attributes all_rights(long version) {
  constexpr std::array<std::uint64_t, 5> files{13, 14, 15, 15, 16};
  const auto row = static_cast<std::size_t>(version) < files.size()
                       ? static_cast<std::size_t>(version) - 1
                       : files.size() - 1;
  constexpr long with_network = 4;
  return {(1ULL << files[row]) - 1, version >= with_network ? 3U : 0U};
}

}  // namespace

void renounce_files() noexcept {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, create_version);
  if (version < 1) {
    return;
  }
  // No rule follows: what is handled is forbidden everywhere.
  const ruleset_attributes handled = all_rights(version);
  const std::size_t size = handled.network_rights != 0 ? sizeof handled : sizeof(std::uint64_t);
  const long ruleset = ::syscall(SYS_landlock_create_ruleset, &handled, size, 0);
  if (ruleset < 0) {
    return;
  }
  ::syscall(SYS_landlock_restrict_self, ruleset, 0);
  ::close(static_cast<int>(ruleset));
}

}  // namespace stayler::app
