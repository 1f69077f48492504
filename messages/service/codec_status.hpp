// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace stayler {

/// Why a codec process was lost.
enum class codec_loss : std::uint8_t {
  start_failed,    ///< it ended, or was silent, before it was ready
  crashed,         ///< by a signal of its own making, or it left by itself
  killed,          ///< by SIGKILL from elsewhere, as the system does that runs out of memory
  forbidden_call,  ///< it has made a system call that its filter does not allow
  timeout,         ///< its call took too long, by the clock or in CPU time
  misbehaved,      ///< its answer made no sense
};

/// The names of the values of codec_loss, in their order, as metrics and logs have them.
inline constexpr std::array<std::string_view, 6> codec_loss_names{
    "start_failed", "crashed", "killed", "forbidden_call", "timeout", "misbehaved"};

/// How the processes are that decode and encode pictures. Counts are since the service's start.
struct codec_status {
  std::uint32_t running = 0;                                    ///< ready, or at work
  std::array<std::uint64_t, codec_loss_names.size()> losses{};  ///< by codec_loss
  std::uint64_t retried_calls = 0;                              ///< on another process
  std::uint64_t recycled = 0;         ///< replaced after many calls, or grown too large
  std::uint64_t prepared_before = 0;  ///< pictures that were taken from the cache
  std::string problem;                ///< why no process can be started; empty where all is well

  friend bool operator==(const codec_status&, const codec_status&) = default;
};

/// The count of losses of one kind.
inline std::uint64_t& losses_of(codec_status& status, codec_loss why) {
  return status.losses[static_cast<std::size_t>(why)];
}
inline std::uint64_t losses_of(const codec_status& status, codec_loss why) {
  return status.losses[static_cast<std::size_t>(why)];
}

}  // namespace stayler
