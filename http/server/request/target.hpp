// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// A request target, taken apart and decoded.
struct target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  std::string authority;  ///< of an absolute form ("host:1"); otherwise empty
};

/// Reads a target in origin form ("/a%20b?c=d"), absolute form, or the asterisk. invalid_input
/// where it is none of these, an escape is broken or means NUL, or the path holds an encoded slash
/// or a backslash.
result<target> parse_target(std::string_view text);

/// The names and values of "a=1&b=2", where "+" stands for a space. invalid_input as above.
result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

}  // namespace stayler::http
