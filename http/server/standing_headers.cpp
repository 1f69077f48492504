// SPDX-License-Identifier: MIT
#include "http/server/standing_headers.hpp"

#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::http {

standing_headers::standing_headers(std::vector<std::pair<std::string, std::string>> fields) {
  for (auto& [name, value] : fields) {
    std::string text = name + ": " + value + "\r\n";
    lines_.push_back({std::move(name), std::move(text)});
  }
}

void standing_headers::append_to(std::string& head, const response& answer) const {
  for (const line& each : lines_) {
    const bool is_there = std::ranges::any_of(answer.headers, [&each](const auto& field) {
      return equals_ignoring_case(field.first, each.name);
    });
    if (!is_there) {
      head.append(each.text);
    }
  }
}

}  // namespace stayler::http
