// SPDX-License-Identifier: MIT
#pragma once

namespace stayler::app {

/// Takes from this thread, and from threads that it starts, every right to files, and to TCP where
/// the kernel (6.7) can do that. Best effort: some kernels are built without Landlock, and then it
/// does nothing. Needs PR_SET_NO_NEW_PRIVS.
void renounce_files() noexcept;

}  // namespace stayler::app
