// SPDX-License-Identifier: MIT
#include "adapters/audit/audit_trail.hpp"

#include "messages/base/text.hpp"

#include <array>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::array<std::string_view, 3> outcome_names{"succeeded", "refused", "failed"};

bool names_target(std::string_view targets, std::string_view wanted) {
  while (!targets.empty()) {
    if (take_until(targets, ",") == wanted) {
      return true;
    }
  }
  return false;
}

}  // namespace

audit_outcome outcome_of(const audit_record& record) noexcept {
  return record.status >= 500   ? audit_outcome::failed
         : record.status >= 400 ? audit_outcome::refused
                                : audit_outcome::succeeded;
}

std::string_view to_string(audit_outcome outcome) noexcept {
  return outcome_names[static_cast<std::size_t>(outcome)];
}

std::optional<audit_outcome> parse_audit_outcome(std::string_view name) noexcept {
  for (std::size_t at = 0; at < outcome_names.size(); ++at) {
    if (outcome_names[at] == name) {
      return static_cast<audit_outcome>(at);
    }
  }
  return std::nullopt;
}

bool audit_query::wants(const audit_record& record) const {
  return (!is_set(since) || record.at >= since) && (!is_set(before) || record.at < before)
         && (actor.empty() || record.key == actor || record.who == actor)
         && (action.empty() || record.action.find(action) != std::string::npos)
         && (target.empty() || names_target(record.target, target))
         && (request_id.empty() || record.request_id == request_id)
         && (!outcome || outcome_of(record) == *outcome) && (below == 0 || record.sequence < below);
}

void audit_trail::read(audit_query query, std::function<void(result<audit_page>)> answer) {
  static_cast<void>(query);
  answer(failure{error_class::not_found, "the audit trail is in the log only"});
}

}  // namespace stayler::adapters
