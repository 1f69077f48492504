// SPDX-License-Identifier: MIT
#include "adapters/http_client/retry_after.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

namespace stayler::adapters {

std::optional<timestamp> parse_http_date(std::string_view text) {
  std::istringstream in{std::string{text}};
  in.imbue(std::locale::classic());
  std::tm fields{};
  in >> std::get_time(&fields, "%a, %d %b %Y %H:%M:%S");
  std::string zone;
  in >> zone;
  if (!in || zone != "GMT") {
    return std::nullopt;
  }
  return to_timestamp(std::chrono::system_clock::from_time_t(timegm(&fields)));
}

milliseconds retry_after(const http_response& answer) {
  constexpr milliseconds none{0};
  const auto text = answer.header("retry-after");
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto seconds = parse_number<std::uint32_t>(text);
    return std::min<milliseconds>(
        seconds ? std::chrono::seconds{*seconds} : longest_retry_after, longest_retry_after
    );
  }
  const auto then = parse_http_date(text);
  if (!then) {
    return none;
  }
  const auto now = parse_http_date(answer.header("date"));
  const milliseconds wait = *then - (now ? *now : to_timestamp(std::chrono::system_clock::now()));
  return std::clamp<milliseconds>(wait, none, longest_retry_after);
}

}  // namespace stayler::adapters
