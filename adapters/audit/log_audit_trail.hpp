// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"

#include <memory>

namespace stayler::adapters {

/// Writes each record to the log, as a line of the subsystem audit.
std::unique_ptr<audit_trail> make_log_audit_trail();

}  // namespace stayler::adapters
