// SPDX-License-Identifier: MIT
#pragma once

// /worker/audit: what is asked for, and what is shown.

#include "adapters/audit/audit_trail.hpp"
#include "http/server/message.hpp"
#include "messages/base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// Which records, as it was read. Where there are problems, the query is of no use.
struct parsed_audit_query {
  adapters::audit_query query;
  std::vector<field_problem> problems;
};

/// The parameters of GET /worker/audit: since, before, actor, action, target, requestId, outcome,
/// limit, cursor.
parsed_audit_query parse_audit_query(const request& req);

/// `trail`: whose it is, for where several processes keep one each.
std::string render_audit_page(const adapters::audit_page& page, std::string_view trail);

}  // namespace stayler::http
