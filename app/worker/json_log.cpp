// SPDX-License-Identifier: MIT
#include "app/worker/json_log.hpp"

#include "adapters/json/json_writer.hpp"
#include "messages/time.hpp"

#include <spdlog/details/log_msg.h>

#include <string_view>

namespace stayler::app {

void json_line_formatter::format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) {
  const auto level = spdlog::level::to_string_view(line.level);
  adapters::json_writer json;
  json.begin_object()
      .field("time", to_rfc3339(to_timestamp(line.time)))
      .field("level", std::string_view{level.data(), level.size()})
      .field("message", std::string_view{line.payload.data(), line.payload.size()})
      .end_object();
  const std::string& text = json.text();
  out.append(text.data(), text.data() + text.size());
  out.push_back('\n');
}

std::unique_ptr<spdlog::formatter> json_line_formatter::clone() const {
  return std::make_unique<json_line_formatter>();
}

}  // namespace stayler::app
