// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/process/wire/codec_wire.hpp"
#include "messages/base/result.hpp"

#include <cstdint>

namespace stayler::app {

/// What the process may take beyond what it has when it enters the sandbox. Counted like that it is
/// the same on every machine: threads' stacks and malloc's arenas reserve more where there are more
/// cores, and a debugger's or sanitizer's shadow memory has no bound at all.
inline constexpr std::uint64_t codec_memory_bytes = 1ULL << 30U;

/// Gives up, for all threads and for good, what decoding does not need: memory beyond
/// codec_memory_bytes, core files, new privileges, files and networks (by Landlock, where the
/// kernel has it, and by the filter of system calls), and every system call but those for memory,
/// threads, time and the socket. All that is opened lazily has to be open by then. unavailable,
/// with the reason, where the filter cannot be loaded; with sandbox_mode::off it is not asked for,
/// and nothing but the memory is bounded.
void_result enter_sandbox(adapters::sandbox_mode mode, int socket);

}  // namespace stayler::app
