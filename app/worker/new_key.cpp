// SPDX-License-Identifier: MIT
#include "app/worker/new_key.hpp"

#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/caller_keys/new_caller_key.hpp"
#include "adapters/small_file/small_file.hpp"
#include "app/worker/complaint.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace stayler::app {

namespace {

struct wanted_key {
  std::vector<std::string> parts;  ///< name, role, users
  std::string file;                ///< empty: none
};

std::optional<wanted_key> read_arguments(std::span<const std::string> arguments) {
  constexpr std::string_view file_flag = "--keys-file";
  wanted_key wanted;
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if (argument == file_flag && at + 1 < arguments.size()) {
      wanted.file = arguments[++at];
    } else if (argument.starts_with(std::string{file_flag} + "=")) {
      wanted.file = argument.substr(file_flag.size() + 1);
    } else if (!argument.starts_with("--")) {
      wanted.parts.push_back(argument);
    } else {
      return std::nullopt;
    }
  }
  // An empty list of users would give all users to who meant to name some.
  const bool has_empty = std::ranges::count(wanted.parts, "") > 0;
  const bool is_usable = arguments.front() == "--new-key" && wanted.parts.size() >= 2
                         && wanted.parts.size() <= 3 && !has_empty;
  return is_usable ? std::optional{wanted} : std::nullopt;
}

/// The file's content; empty where there is none.
result<std::string> read_keys_file(const std::string& file) {
  return ::access(file.c_str(), F_OK) == 0 ? adapters::read_small_file(file) : std::string{};
}

void_result append(const std::string& file, const std::string& entry) {
  const auto before = read_keys_file(file);
  if (!before) {
    return failure{before.error().kind, file + ": " + before.error().message};
  }
  const bool is_in_line = before->empty() || before->ends_with('\n');
  const std::string line = (is_in_line ? "" : "\n") + entry + "\n";
  if (const auto after = adapters::parse_caller_keys(*before + line); !after) {
    return failure{after.error().kind, file + ": " + after.error().message};
  }
  const int opened = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const auto written = opened < 0 ? -1 : ::write(opened, line.data(), line.size());
  const int reason = errno;
  if (opened >= 0) {
    ::close(opened);
  }
  if (written != static_cast<ssize_t>(line.size())) {
    return failure{error_class::unavailable, file + ": " + std::strerror(reason)};
  }
  return ok();
}

}  // namespace

int make_new_key(std::span<const std::string> arguments) {
  const auto wanted = read_arguments(arguments);
  if (!wanted) {
    return complain(
        "use --new-key NAME ROLE [USER[+USER...]] [--keys-file FILE]; ROLE is viewer, submitter or "
        "admin",
        bad_usage
    );
  }
  const auto& parts = wanted->parts;
  const auto made = adapters::make_caller_key(parts[0], parts[1], parts.size() > 2 ? parts[2] : "");
  if (!made) {
    return complain("--new-key: " + made.error().message, bad_usage);
  }
  if (wanted->file.empty()) {
    std::cout << "key, shown only now: " << made->key
              << "\nentry for WORKER_API_KEYS_FILE: " << made->entry << '\n';
    return EXIT_SUCCESS;
  }
  if (const auto appended = append(wanted->file, made->entry); !appended) {
    return complain(appended.error().message, EXIT_FAILURE);
  }
  std::cout << made->key << '\n';
  return EXIT_SUCCESS;
}

}  // namespace stayler::app
