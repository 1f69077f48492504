// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/audit/file/audit_files.hpp"

#include <string_view>

namespace stayler::adapters {

/// What the query finds in the trail's files, of the records that the key has signed: others, and
/// those that stand out of order, are left out. Whether all is as it was written says
/// verify_audit() alone. It looks at 20,000 records at most: a page that ends for that has fewer
/// records than its limit.
audit_page read_audit(const audit_files& files, std::string_view key, const audit_query& query);

}  // namespace stayler::adapters
