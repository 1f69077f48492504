// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_queue_format.hpp"

#include "adapters/schema_version/schema_version.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

namespace {

/// Queues of before had no such key; they are in the first form.
constexpr stored_version first_form{1, 1};

/// "2 1", and whatever a later release may write behind that.
std::optional<stored_version> parse_form(std::string_view text) {
  const auto version = parse_number<std::int64_t>(take_until(text, " "));
  const auto oldest_reader = parse_number<std::int64_t>(take_until(text, " "));
  if (!version || !oldest_reader) {
    return std::nullopt;
  }
  return stored_version{*version, *oldest_reader};
}

}  // namespace

void_result check_redis_queue_format(redis_queue_client& queue) {
  const std::string key = queue.prefix() + ":format";
  const std::string own = fmt::format("{} {}", redis_queue_form, oldest_reader_of_redis_queue);
  const std::array<std::vector<std::string>, 1> get{{{"GET", key}}};
  const auto replies = queue.pipeline(get);
  if (!replies) {
    return replies.error();
  }
  const redis_value kept = replies->front().value();
  if (kept.is_error()) {
    return to_failure(kept);
  }
  const auto found = kept.is_nil() ? first_form : parse_form(kept.text());
  if (!found) {
    return failure{
        error_class::invalid_input,
        fmt::format(
            "Redis: {} has \"{}\", which no release writes; this one writes \"{}\": set the key to "
            "that if no later release has used the queue",
            key, kept.text().substr(0, 64), own
        )};
  }
  const std::string place = fmt::format("Redis: the queue {}", queue.prefix());
  if (auto readable = check_reader(place, *found, redis_queue_form); !readable) {
    return readable;
  }
  if (kept.is_nil() || found->version < redis_queue_form) {
    std::array<std::vector<std::string>, 1> set{{{"SET", key, own}}};
    if (kept.is_nil()) {
      set.front().emplace_back("NX");
    }
    // Where it is full, or a replica, another start notes it.
    static_cast<void>(queue.pipeline(set));
  }
  return ok();
}

}  // namespace stayler::adapters
