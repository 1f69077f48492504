// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace stayler::test {

inline constexpr std::string_view form_type = "multipart/form-data; boundary=XX";

/// One part of such a form, without the boundary that ends it.
inline std::string part(std::string_view disposition, std::string_view content) {
  return "--XX\r\nContent-Disposition: form-data; " + std::string{disposition} + "\r\n\r\n"
         + std::string{content} + "\r\n";
}

}  // namespace stayler::test
