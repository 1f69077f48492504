// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/audit/file/audit_files.hpp"

namespace stayler::adapters {

/// What the query finds in the trail's files. It looks at 20,000 records at most: a page that ends
/// for that has fewer records than its limit.
audit_page read_audit(const audit_files& files, const audit_query& query);

}  // namespace stayler::adapters
