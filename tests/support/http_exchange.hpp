// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

/// What came back. A transport that failed has status 0 and curl's own code.
struct http_answer {
  long status = 0;
  int curl_code = 0;
  std::string content_type;
  std::string head;  ///< status line and headers, as they came
  std::string body;
  std::chrono::milliseconds took{0};

  [[nodiscard]] adapters::json_value json() const;
};

/// One HTTP exchange over loopback.
http_answer exchange(
    const std::string& method,
    const std::string& url,
    const std::string& body = "",
    const std::vector<std::string>& headers = {},
    std::chrono::milliseconds timeout = std::chrono::seconds{20}
);

/// A member far down: `at(json, {"candidates", "0", "finishReason"})`; JSON's null where missing.
const adapters::json_value& at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
);
std::string text_at(const adapters::json_value& from, std::initializer_list<std::string_view> path);
std::int64_t number_at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
);

/// How many elements the array there has; -1 where there is none.
std::int64_t size_at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
);

/// True where the text holds that part.
bool holds(std::string_view text, std::string_view part);

}  // namespace stayler::test
