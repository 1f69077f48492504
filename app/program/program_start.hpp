// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <initializer_list>

// What our programs do at a signal is decided here, and nowhere else.

namespace stayler::app {

/// What each program does first, whatever its parent has left it: writing to a socket or a pipe
/// whose other end has gone, or beyond the limit for files, is an error of that call and not the
/// end of the process (SIGPIPE, SIGXFSZ); children can be waited for (SIGCHLD); and no file that is
/// opened later takes the place of a closed stdin, stdout or stderr.
void start_program() noexcept;

/// Has the process ignore these, too.
void ignore_signals(std::initializer_list<int> signals) noexcept;

/// Holds these back from this thread and those that it starts, for who awaits them with sigwait.
sigset_t hold_back(std::initializer_list<int> signals) noexcept;

}  // namespace stayler::app
