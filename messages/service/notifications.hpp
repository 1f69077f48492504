// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/jobs/conversion.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler {

/// Where a notification stands.
enum class outbox_state : std::uint8_t { open, delivered, given_up };

/// "open", "delivered" or "given_up": in JSON and in databases.
std::string_view to_string(outbox_state state) noexcept;
std::optional<outbox_state> parse_outbox_state(std::string_view name) noexcept;

/// What is wrong with a delivery. All but `gone` are tried again.
enum class delivery_problem : std::uint8_t {
  none,
  unreachable,   ///< no connection, or no usable answer
  timeout,       ///< no answer in time
  redirect,      ///< 3xx: the receiver has moved
  refused,       ///< 401, 403: the signature or a login is wanting
  not_found,     ///< 404
  rejected,      ///< another 4xx
  rate_limited,  ///< 429
  failing,       ///< 5xx: the receiver, or what is before it, fails
  gone,          ///< 410: nobody wants it there any more
  not_allowed,   ///< the job's own address is none that may be used here
};

/// How many of them there are.
inline constexpr std::size_t delivery_problem_count = 11;

/// Counts by problem; that of `none` stays 0.
using delivery_counts = std::array<std::uint64_t, delivery_problem_count>;

/// "redirect" and so on: in JSON, metrics, logs and databases.
std::string_view to_string(delivery_problem problem) noexcept;
/// `none` where the name is none of them.
delivery_problem parse_delivery_problem(std::string_view name) noexcept;

/// What is wrong where nothing but a failure's class is known.
delivery_problem problem_of(error_class kind) noexcept;

/// How one delivery has ended.
struct delivery_result {
  delivery_problem problem = delivery_problem::none;
  failure error;  ///< in words; retry_after as the receiver asks

  delivery_result() = default;
  delivery_result(delivery_problem what, failure why) : problem(what), error(std::move(why)) {}
  delivery_result(failure why)  // NOLINT: a failure is a result, as elsewhere
      : problem(problem_of(why.kind)), error(std::move(why)) {}

  [[nodiscard]] bool is_success() const noexcept { return problem == delivery_problem::none; }
  friend bool operator==(const delivery_result&, const delivery_result&) = default;
};

/// A place in the list of notifications, which goes from the newest to the oldest.
struct notification_cursor {
  timestamp created_at;
  std::string event_id;

  friend bool operator==(const notification_cursor&, const notification_cursor&) = default;
};

/// Which notifications; empty fields leave the choice open.
struct notification_filter {
  std::vector<outbox_state> states{};  ///< none: all
  std::string job{};                   ///< a job's id
  std::string event{};                 ///< "conversion.failed"
  std::string event_id{};
  std::optional<notification_cursor> after{};  ///< the page that follows it
  std::uint32_t limit = 100;

  [[nodiscard]] bool wants(outbox_state state) const noexcept;
};

/// A notification as the outbox has it.
struct kept_notification {
  notification event;
  outbox_state state = outbox_state::open;
  timestamp created_at;
  timestamp due_at;         ///< open: its next try; otherwise when it ended
  std::uint32_t tries = 0;  ///< deliveries since it was taken over, or delivered anew by hand
  delivery_problem problem = delivery_problem::none;  ///< of the last try
  std::string error;                                  ///< the same in words
};

/// One page of notifications, the newest first.
struct notification_page {
  std::vector<kept_notification> notifications;
  std::optional<notification_cursor> next;  ///< there are more
};

/// What has become of an order to deliver all that was given up.
struct redelivery_report {
  std::uint32_t redelivered = 0;
  bool has_more = false;  ///< there was no room for all of them at once
};

}  // namespace stayler
