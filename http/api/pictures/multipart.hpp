// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// One part of a multipart/form-data body. The content points into the body.
struct form_part {
  std::string name;
  std::string file_name;  ///< without any folder; empty for a plain field
  bool is_file = false;   ///< has a file's name, or the Content-Type of a picture or of plain bytes
  std::string_view content;
};

/// The parts of a body (RFC 7578), by the boundary in its Content-Type; names may also come as
/// filename*=UTF-8''... (RFC 8187). invalid_input where there is no boundary, the body is not
/// closed, or there are more than 32 parts.
result<std::vector<form_part>> parse_multipart(
    std::string_view content_type, std::string_view body
);

}  // namespace stayler::http
