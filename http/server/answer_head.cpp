// SPDX-License-Identifier: MIT
#include "http/server/answer_head.hpp"

#include "http/server/standing_headers.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace stayler::http {

namespace {

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ");
  const auto start = static_cast<std::ptrdiff_t>(head.size());
  head.append(value);
  std::replace_if(
      head.begin() + start, head.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; },
      ' '
  );
  head.append("\r\n");
}

std::string status_line(unsigned status) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
  return line.append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

std::string http_date(timestamp now) {
  using namespace std::chrono;
  constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(now - day)};
  std::array<char, 40> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      day_names[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
      month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count())
  );
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string render_head(const response& answer, const answer_frame& frame) {
  std::string head = status_line(answer.status);
  head.reserve(1'024);
  append_header(head, "Server", frame.server_name);
  append_header(head, "Date", frame.date);
  append_header(head, "X-Request-Id", frame.request_id);
  for (const auto& [name, value] : answer.headers) {
    append_header(head, name, value);
  }
  if (frame.standing_headers != nullptr) {
    frame.standing_headers->append_to(head, answer);
  }
  if (frame.is_streamed) {
    if (!frame.is_http_1_0) {
      append_header(head, "Transfer-Encoding", "chunked");
    }
  } else if (has_body(answer.status)) {
    append_header(head, "Content-Length", std::to_string(frame.body_bytes));
  }
  if (frame.closes) {
    append_header(head, "Connection", "close");
  } else if (frame.is_http_1_0) {
    append_header(head, "Connection", "keep-alive");
  }
  return head.append("\r\n");
}

}  // namespace stayler::http
