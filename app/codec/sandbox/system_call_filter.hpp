// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

namespace stayler::app {

/// Loads a seccomp filter for all threads. Allowed is what computing takes: memory that is not
/// executable, threads, time, and messages over that socket. What libraries try in passing and can
/// do without (files, settings, sockets) fails with an error; anything else kills the process, or,
/// with `names_calls`, is named on stderr before it does. unavailable, with the reason.
void_result load_system_call_filter(int socket, bool names_calls);

}  // namespace stayler::app
