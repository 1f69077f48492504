// SPDX-License-Identifier: MIT
#pragma once

#include "messages/error.hpp"

#include <caf/all.hpp>

CAF_ERROR_CODE_ENUM(stayler::error_class, "stayler")

namespace stayler::actors {

/// A failure as CAF carries it: the class is the code, the whole failure the context.
caf::error to_error(const failure& from);

/// The failure that a caf::error stands for. CAF's own errors become `timeout` (no answer in
/// time), `unavailable` (the actor is gone, and is being restarted) or `internal_bug`.
failure to_failure(const caf::error& from);

}  // namespace stayler::actors
