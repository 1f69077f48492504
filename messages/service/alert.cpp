// SPDX-License-Identifier: MIT
#include "messages/service/alert.hpp"

#include <algorithm>

namespace stayler {

std::string_view to_string(alert_kind kind) noexcept {
  switch (kind) {
    case alert_kind::no_workers:
      return "NoWorkers";
    case alert_kind::store_full:
      return "StoreFull";
    case alert_kind::provider_key_refused:
      return "ProviderKeyRefused";
    case alert_kind::breaker_open:
      return "BreakerOpen";
    case alert_kind::notifications_stuck:
      return "NotificationsStuck";
  }
  return "";
}

std::optional<alert_kind> parse_alert_kind(std::string_view name) noexcept {
  const auto found =
      std::ranges::find(all_alert_kinds, name, [](alert_kind kind) { return to_string(kind); });
  return found == all_alert_kinds.end() ? std::nullopt : std::optional{*found};
}

}  // namespace stayler
