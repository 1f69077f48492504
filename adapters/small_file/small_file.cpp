// SPDX-License-Identifier: MIT
#include "adapters/small_file/small_file.hpp"

#include "messages/base/text.hpp"

#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

namespace stayler::adapters {

result<std::string> read_small_file(const std::string& path) {
  constexpr std::size_t most = 1'048'576;
  errno = 0;
  std::ifstream in{path, std::ios::binary};
  std::string content(most + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  // A folder opens without error and fails at the first read.
  if (in.bad() || !in.eof()) {
    const bool is_too_long = in.good();
    const int reason = errno != 0 ? errno : EIO;
    return is_too_long ? failure{error_class::invalid_input, "it is longer than 1 MiB"}
                       : failure{error_class::not_found, std::generic_category().message(reason)};
  }
  content.resize(static_cast<std::size_t>(in.gcount()));
  return content;
}

result<std::string> read_value_file(const std::string& path) {
  auto content = read_small_file(path);
  if (!content) {
    return content;
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  std::string_view value = *content;
  if (value.starts_with(byte_order_mark)) {
    value.remove_prefix(byte_order_mark.size());
  }
  return std::string{trim(value, " \t\r\n")};
}

}  // namespace stayler::adapters
