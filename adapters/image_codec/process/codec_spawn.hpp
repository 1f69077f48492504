// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <filesystem>
#include <sys/types.h>

namespace stayler::adapters {

/// Starts a codec process with that memory file and that socket as its descriptors, /dev/null as
/// 1 and 2 (2 is the caller's where `keeps_stderr`), and nothing else that the caller has open. It
/// belongs to a process group of its own, so that a Ctrl-C meant for the service does not reach it,
/// and its environment holds two variables, which the C library and OpenMP read before main().
/// unavailable.
result<::pid_t> spawn_codec(
    const std::filesystem::path& program, int memory, int socket, bool keeps_stderr
);

}  // namespace stayler::adapters
