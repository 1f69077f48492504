// SPDX-License-Identifier: MIT
#include "adapters/small_file/numbered_files.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

namespace stayler::adapters {

std::vector<numbered_file> list_numbered_files(const std::filesystem::path& file) {
  std::vector<numbered_file> found;
  const std::string before = file.filename().string() + ".";
  const auto folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code ignored;
  for (const auto& each : std::filesystem::directory_iterator{folder, ignored}) {
    const std::string name = each.path().filename().string();
    const auto number = name.starts_with(before)
                            ? parse_number<std::uint64_t>(name.substr(before.size()))
                            : std::nullopt;
    if (number) {
      found.push_back({*number, each.path()});
    }
  }
  std::ranges::sort(found, {}, &numbered_file::number);
  return found;
}

}  // namespace stayler::adapters
