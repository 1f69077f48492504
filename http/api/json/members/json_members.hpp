// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/provider/dollars.hpp"

#include <string_view>

namespace stayler::http {

/// A time that may not be set: left out then.
inline void write_time(adapters::json_writer& json, std::string_view name, timestamp t) {
  if (is_set(t)) {
    json.field(name, to_rfc3339(t));
  }
}

/// A time that may not be set: null then.
inline void write_time_or_null(adapters::json_writer& json, std::string_view name, timestamp t) {
  json.key(name);
  if (is_set(t)) {
    json.value(to_rfc3339(t));
  } else {
    json.null();
  }
}

/// A text that may be empty: left out then.
inline void write_text(adapters::json_writer& json, std::string_view name, std::string_view text) {
  if (!text.empty()) {
    json.field(name, text);
  }
}

/// A budget in US dollars, null where there is none.
inline void write_budget(adapters::json_writer& json, std::string_view name, micro_dollars budget) {
  json.key(name);
  if (budget > 0) {
    json.value(in_dollars(budget));
  } else {
    json.null();
  }
}

/// The member "error" of a job, of an attempt, or in the place of a job that was refused.
inline void write_error(adapters::json_writer& json, const failure& error) {
  json.key("error").begin_object();
  json.field("class", to_string(error.kind)).field("message", error.message);
  json.field("retryable", is_retryable(error.kind)).end_object();
}

}  // namespace stayler::http
