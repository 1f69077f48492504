// SPDX-License-Identifier: MIT
#pragma once

// /worker/notifications: what is asked for, and what is shown.

#include "http/server/message.hpp"
#include "messages/base/error.hpp"
#include "messages/service/notifications.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// Which notifications, as it was read. Where there are problems, the filter is of no use.
struct parsed_notification_filter {
  notification_filter filter;
  std::vector<field_problem> problems;
};

/// The parameters of GET /worker/notifications: state, job, event, limit, cursor. Without a state:
/// what is open or given up.
parsed_notification_filter parse_notification_query(const request& req);

/// The body of POST /worker/notifications/redeliver: job, event; it may be empty.
parsed_notification_filter parse_redelivery(std::string_view body);

std::string render_notification(const kept_notification& shown);
std::string render_notification_page(const notification_page& page);
std::string render_redelivery(const redelivery_report& report);

}  // namespace stayler::http
