// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <caf/all.hpp>

#include <exception>
#include <string>

CAF_ERROR_CODE_ENUM(stayler::error_class, "stayler")

namespace stayler::actors {

/// A failure as CAF carries it: the class is the code, the whole failure the context.
caf::error to_error(const failure& from);

/// The failure that a caf::error stands for. CAF's own errors become `timeout` (no answer in
/// time), `unavailable` (the actor is gone, and is being restarted) or `internal_bug`.
failure to_failure(const caf::error& from);

/// Why an actor ended, for logs: what it threw, or CAF's own reason.
std::string describe(const caf::error& reason);

/// An exception that escaped a handler, as an internal_bug with its text.
caf::error to_error(const std::exception_ptr& thrown);

/// Makes the actor end with what it threw as its reason, instead of CAF's line on stderr.
template <class Self>
void end_by_exception(Self* self) {
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) {
    return to_error(thrown);
  });
}

}  // namespace stayler::actors
