// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::cli {

/// Reads an environment variable; nothing where it is not set or empty.
using variables = std::function<std::optional<std::string>(std::string_view)>;

/// Where the service is, and how to call it: one table [profiles.NAME] of config.toml.
struct profile {
  std::string name;  ///< empty: none was chosen, and none is needed
  std::string url;
  std::string key_file;
  std::string key_command;  ///< run by sh; its first line is the key
  std::string ca_file;      ///< authorities to trust instead of the system's
  std::string user;         ///< whose pictures and jobs these are, unless --user says otherwise
  std::string badge;        ///< shown before each question: "production"
  bool readonly = false;    ///< refuses what changes something before it is sent
  std::vector<std::string> columns;  ///< of lists
};

/// The whole file.
struct profile_file {
  std::string default_name;
  std::map<std::string, profile> profiles;
};

/// $STAYLER_CONFIG, else $XDG_CONFIG_HOME/stayler/config.toml, else ~/.config/...
std::filesystem::path profile_path(const variables& environment);

/// Reads the file; an empty one where there is no such file. Throws command_error (usage) where it
/// is malformed, has a member that is not known, or can be read by others: it may hold a command.
profile_file read_profiles(const std::filesystem::path& file);

/// The same of a text, without looking at any file's rights.
profile_file parse_profiles(std::string_view text, const std::string& file);

/// The profile of that name, or the file's default, or an empty one. Throws command_error (usage)
/// where a name is given that the file lacks.
profile choose_profile(const profile_file& file, const std::string& name);

}  // namespace stayler::cli
