// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "messages/base/time.hpp"

#include <string_view>

namespace stayler::http {

/// A time that may not be set: null then.
inline void write_time_or_null(adapters::json_writer& json, std::string_view name, timestamp t) {
  json.key(name);
  if (is_set(t)) {
    json.value(to_rfc3339(t));
  } else {
    json.null();
  }
}

}  // namespace stayler::http
