// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stayler {

/// What the service alerts of by itself. The names are those of the Prometheus rules of
/// config/prometheus/alerts.yml, which know more.
enum class alert_kind : std::uint8_t {
  no_workers,            ///< jobs are pending, and no worker has joined
  store_full,            ///< the job store has no room
  provider_key_refused,  ///< the provider refuses a key, or its account is used up
  breaker_open,          ///< the provider fails, and is not called
  notifications_stuck,   ///< notifications pile up, or are given up
};

inline constexpr std::array<alert_kind, 5> all_alert_kinds{
    alert_kind::no_workers, alert_kind::store_full, alert_kind::provider_key_refused,
    alert_kind::breaker_open, alert_kind::notifications_stuck};

/// "NoWorkers" and so on: in JSON and logs.
std::string_view to_string(alert_kind kind) noexcept;
std::optional<alert_kind> parse_alert_kind(std::string_view name) noexcept;

/// The events under which the application hears of alerts.
inline constexpr std::string_view alert_firing_event = "alert.firing";
inline constexpr std::string_view alert_resolved_event = "alert.resolved";

/// An alert as the application hears of it.
struct alert_notice {
  std::string name;      ///< of an alert_kind; empty: none
  std::string summary;   ///< for a human: what is wrong, with figures
  std::string instance;  ///< the host of the process that has found it
  timestamp since;       ///< when it began

  friend bool operator==(const alert_notice&, const alert_notice&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, alert_notice& x) {
  return f(x.name, x.summary, x.instance, x.since);
}

}  // namespace stayler
