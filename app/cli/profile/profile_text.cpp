// SPDX-License-Identifier: MIT
#include "app/cli/profile/profile_text.hpp"

#include "adapters/small_file/small_file.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/result_file.hpp"
#include "app/cli/profile/profile.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <sys/stat.h>
#include <vector>

namespace stayler::cli {

namespace {

constexpr std::array<std::string_view, 3> connection_members{"url", "key_file", "key_command"};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    lines.emplace_back(take_until(text, "\n"));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    text += line + "\n";
  }
  return text;
}

/// "url" of a line that sets it.
std::string_view member_of_line(std::string_view line) {
  return trim(take_until(line, "="));
}

bool is_header(std::string_view line) {
  return trim(line).starts_with('[');
}

/// A text as TOML has it: between the quotation marks that end nothing in it.
std::string toml_text(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    made += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return made + "\"";
}

}  // namespace

std::string read_profile_text(const std::filesystem::path& file) {
  const auto text = adapters::read_small_file(file.string());
  return text ? *text : std::string{};
}

std::string with_default_profile(std::string_view text, const std::string& name) {
  auto lines = lines_of(text);
  const auto top = std::ranges::find_if(lines, is_header);
  const auto gone = std::remove_if(lines.begin(), top, [](const auto& line) {
    return member_of_line(line) == "default";
  });
  lines.erase(gone, top);
  return fmt::format("default = {}\n{}", toml_text(name), joined(lines));
}

std::string with_profile(
    std::string_view text,
    const std::string& name,
    const std::string& url,
    const std::string& key_file
) {
  auto lines = lines_of(text);
  auto begin = std::ranges::find_if(lines, [&name](const auto& line) {
    const auto header = trim(line, " \t\r");
    return header == "[profiles." + name + "]" || header == "[profiles." + toml_text(name) + "]";
  });
  if (begin == lines.end()) {
    if (!lines.empty() && !lines.back().empty()) {
      lines.emplace_back();
    }
    lines.push_back("[profiles." + name + "]");
    begin = lines.end() - 1;
  }
  const auto at = begin - lines.begin();
  const auto end = std::find_if(begin + 1, lines.end(), is_header);
  const auto gone = std::remove_if(begin + 1, end, [](const auto& line) {
    return std::ranges::count(connection_members, member_of_line(line)) > 0;
  });
  lines.erase(gone, end);
  std::vector<std::string> members{"url = " + toml_text(url)};
  if (!key_file.empty()) {
    members.push_back("key_file = " + toml_text(key_file));
  }
  lines.insert(lines.begin() + at + 1, members.begin(), members.end());
  return joined(lines);
}

void write_private_file(const std::filesystem::path& file, const std::string& text) {
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(file, error);
  const auto& place = error ? file : real;
  const auto folder = place.parent_path();
  if (std::filesystem::create_directories(folder, error)) {
    ::chmod(folder.c_str(), 0700);
  }
  if (error) {
    throw command_error{
        exit_code::refused, "cannot make the folder " + folder.string(), error.message(),
        "name another file by STAYLER_CONFIG"};
  }
  write_file(place.string(), text, 0600);
}

void write_profile_text(const std::filesystem::path& file, const std::string& text) {
  static_cast<void>(parse_profiles(text, file.string()));
  write_private_file(file, text);
}

}  // namespace stayler::cli
