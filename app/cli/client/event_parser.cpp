// SPDX-License-Identifier: MIT
#include "app/cli/client/event_parser.hpp"

#include <utility>

namespace stayler::cli {

bool event_parser::feed(
    std::string_view bytes, const std::function<bool(const stream_event&)>& take
) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    std::string_view line = std::string_view{rest_}.substr(begin, end - begin);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    begin = end + 1;
    if (!take_line(line, take)) {
      return false;
    }
  }
  rest_.erase(0, begin);
  return true;
}

bool event_parser::take_line(
    std::string_view line, const std::function<bool(const stream_event&)>& take
) {
  if (line.empty()) {
    const bool is_event = std::exchange(has_data_, false);
    stream_event whole = std::exchange(next_, {});
    whole.id = last_id_;
    return !is_event || take(whole);
  }
  const auto colon = line.find(':');
  const auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (field == "data") {
    next_.data += (has_data_ ? "\n" : "") + std::string{value};
    has_data_ = true;
  } else if (field == "event") {
    next_.name = value;
  } else if (field == "id") {
    last_id_ = value;
  }
  return true;
}

}  // namespace stayler::cli
