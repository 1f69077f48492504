// SPDX-License-Identifier: MIT
#include "messages/service/notifications.hpp"

#include <algorithm>

namespace stayler {

namespace {

constexpr std::array<std::string_view, 3> outbox_states{"open", "delivered", "given_up"};

constexpr std::array<std::string_view, delivery_problem_count> delivery_problems{
    "none",     "unreachable",  "timeout", "redirect", "refused",    "not_found",
    "rejected", "rate_limited", "failing", "gone",     "not_allowed"};

}  // namespace

std::string_view to_string(outbox_state state) noexcept {
  return outbox_states.at(static_cast<std::size_t>(state));
}

std::optional<outbox_state> parse_outbox_state(std::string_view name) noexcept {
  const auto found = std::ranges::find(outbox_states, name);
  return found == outbox_states.end()
             ? std::nullopt
             : std::optional{static_cast<outbox_state>(found - outbox_states.begin())};
}

std::string_view to_string(delivery_problem problem) noexcept {
  return delivery_problems.at(static_cast<std::size_t>(problem));
}

delivery_problem parse_delivery_problem(std::string_view name) noexcept {
  const auto found = std::ranges::find(delivery_problems, name);
  return found == delivery_problems.end()
             ? delivery_problem::none
             : static_cast<delivery_problem>(found - delivery_problems.begin());
}

delivery_problem problem_of(error_class kind) noexcept {
  switch (kind) {
    case error_class::none:
      return delivery_problem::none;
    case error_class::connection:
    case error_class::server_error:
      return delivery_problem::unreachable;
    case error_class::timeout:
      return delivery_problem::timeout;
    case error_class::rate_limited:
      return delivery_problem::rate_limited;
    case error_class::authentication:
    case error_class::permission:
      return delivery_problem::refused;
    default:
      return delivery_problem::failing;
  }
}

bool notification_filter::wants(outbox_state state) const noexcept {
  return states.empty() || std::ranges::find(states, state) != states.end();
}

}  // namespace stayler
