// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::http {

/// Headers that go with every answer, but for those that an answer has itself. They are rendered
/// once, and add no allocation to an answer.
class standing_headers {
 public:
  /// Names and values as they are sent, without line breaks.
  explicit standing_headers(std::vector<std::pair<std::string, std::string>> fields);

  /// Adds a line for each to the head of that answer.
  void append_to(std::string& head, const response& answer) const;

 private:
  struct line {
    std::string name;
    std::string text;
  };

  std::vector<line> lines_;
};

}  // namespace stayler::http
