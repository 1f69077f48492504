// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <filesystem>
#include <string>

namespace stayler::app {

/// The file of the audit trail: WORKER_AUDIT_FILE, or the usual one in the data folder.
std::filesystem::path audit_file_of(const settings& config);

/// The key that signs it: WORKER_AUDIT_KEY, or that which lies beside it. Made where there is none
/// and `may_make`. not_found, unavailable.
result<std::string> audit_key_of(const settings& config, bool may_make);

/// stayler-worker --verify-audit: looks at each record of the trail, also while a service writes
/// it, and says on stdout how many are whole and where the trail ends, or on stderr which one is
/// the first that is not, or tells that the service found the trail not whole. Returns the exit
/// code: 0 whole, 1 not, 2 where it cannot be told.
int verify_audit_trail(const settings& config);

}  // namespace stayler::app
