// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/config/loading/load_settings.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace stayler::test {

inline constexpr const char* secret = "AIza-this-must-never-be-shown";

/// A file with that content, gone at the end of the test.
class temporary_file {
 public:
  explicit temporary_file(const std::string& content) {
    std::string name = (std::filesystem::temp_directory_path() / "stayler-config-XXXXXX").string();
    const int descriptor = mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    path_ = name;
    std::ofstream{path_, std::ios::binary} << content;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline adapters::command_line load(
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& variables = {}
) {
  std::vector<std::string> names;
  names.reserve(variables.size());
  for (const auto& [name, value] : variables) {
    names.push_back(name);
  }
  const auto env = [&](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional{at->second};
  };
  return adapters::load_settings(arguments, env, names);
}

/// The one problem, as it would be printed.
inline std::string only_problem(const adapters::command_line& from) {
  REQUIRE(from.problems.size() == 1);
  return from.problems[0].field + ": " + from.problems[0].message;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// An option's variable and a value for it.
struct sample {
  std::string variable;
  std::string text;
};

}  // namespace stayler::test
