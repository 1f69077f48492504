// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <sys/types.h>

namespace stayler::app {

/// Makes the process end with the one that it serves, and not by the signals that are meant for
/// that one; lets the system end it first where memory runs out; has memory that was touched once
/// kept for the next picture. False where the other process has ended already.
bool settle_process(::pid_t service);

/// Says to ImageMagick, before it is initialized, which policy is in force: the one beside the
/// program, in imagemagick/ or, where it is installed in bin or in libexec/stayler, in
/// share/stayler/imagemagick/ beside that.
/// unavailable where there is none.
void_result choose_magick_policy();

}  // namespace stayler::app
