// SPDX-License-Identifier: MIT
#include "adapters/backup/backup_manifest.hpp"

#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

namespace stayler::adapters {

namespace {

constexpr std::string_view form = "stayler-backup 1 ";

failure unreadable(std::size_t line) {
  return {error_class::invalid_input, fmt::format("manifest: line {} cannot be read", line), {}};
}

/// What a restore may write to: nothing outside its folder.
bool is_inside(const std::string& path) {
  const std::filesystem::path whole{path};
  return !path.empty() && whole.is_relative()
         && std::ranges::none_of(whole, [](const auto& part) { return part == ".."; });
}

bool is_sha256(std::string_view text) {
  return text.size() == 64
         && std::ranges::all_of(text, [](char c) { return parse_hex_digit(c).has_value(); });
}

std::optional<saved_file> parse_file(std::string_view line) {
  saved_file file;
  file.sha256 = take_until(line, " ");
  const auto bytes = parse_number<std::uint64_t>(take_until(line, " "));
  file.path = line;
  if (!is_sha256(file.sha256) || !bytes || !is_inside(file.path)) {
    return std::nullopt;
  }
  file.bytes = *bytes;
  return file;
}

}  // namespace

std::string print_manifest(const std::vector<saved_file>& files, std::string_view version) {
  std::string text = fmt::format("{}{}\n", form, version);
  for (const saved_file& each : files) {
    text += fmt::format("{} {} {}\n", each.sha256, each.bytes, each.path);
  }
  return text + fmt::format("end {}\n", files.size());
}

result<std::vector<saved_file>> parse_manifest(std::string_view text) {
  std::vector<saved_file> files;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view line = take_until(text, "\n");
    ++number;
    if (number == 1) {
      if (!line.starts_with(form)) {
        return unreadable(number);
      }
    } else if (line.starts_with("end ")) {
      const bool is_end = text.empty() && line == fmt::format("end {}", files.size());
      return is_end ? result<std::vector<saved_file>>{std::move(files)} : unreadable(number);
    } else if (auto file = parse_file(line)) {
      files.push_back(*std::move(file));
    } else {
      return unreadable(number);
    }
  }
  return failure{error_class::invalid_input, "manifest: it has no end", {}};
}

}  // namespace stayler::adapters
