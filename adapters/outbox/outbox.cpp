// SPDX-License-Identifier: MIT
#include "adapters/outbox/outbox.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::uint32_t entries_per_look = 500;

}  // namespace

result<std::uint64_t> erase_notifications_of(outbox& from, std::string_view user_id) {
  std::uint64_t erased = 0;
  notification_filter filter;
  filter.limit = entries_per_look;
  do {
    auto page = from.list(filter);
    if (!page) {
      return std::move(page).error();
    }
    std::vector<std::string> ids;
    for (const kept_notification& each : page->notifications) {
      if (each.event.user_id == user_id) {
        ids.push_back(each.event.event_id);
      }
    }
    if (const auto removed = from.remove(ids); !removed) {
      return removed.error();
    }
    erased += ids.size();
    filter.after = std::move(page->next);
  } while (filter.after);
  return erased;
}

}  // namespace stayler::adapters
