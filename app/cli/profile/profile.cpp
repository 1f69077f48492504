// SPDX-License-Identifier: MIT
#include "app/cli/profile/profile.hpp"

#include "adapters/small_file/small_file.hpp"
#include "app/cli/command_error.hpp"

#include <fmt/core.h>

#include <pwd.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

namespace stayler::cli {

namespace {

constexpr std::string_view allowed_members =
    "url, key_file, key_command, ca_file, user, badge, readonly, columns";

std::filesystem::path home_folder(const variables& environment) {
  if (const auto home = environment("HOME")) {
    return *home;
  }
  const ::passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? "/" : entry->pw_dir;
}

[[noreturn]] void refuse_file(const std::string& file, std::string why, std::string advice) {
  refuse_usage("cannot use " + file, std::move(why), std::move(advice));
}

/// A file of that name beside the profile's own, or below the home folder.
std::string expand_home(const std::string& path) {
  if (!path.starts_with("~/")) {
    return path;
  }
  const char* home = std::getenv("HOME");
  return home == nullptr ? path : home + path.substr(1);
}

void read_columns(profile& into, const toml::node& node, const std::string& file) {
  const auto* list = node.as_array();
  if (list == nullptr) {
    refuse_file(file, "columns has to be a list of names", "columns = [\"id\", \"status\"]");
  }
  for (const auto& each : *list) {
    into.columns.push_back(each.value_or(std::string{}));
  }
}

void read_member(
    profile& into, std::string_view name, const toml::node& node, const std::string& file
) {
  const std::map<std::string_view, std::string profile::*> texts{
      {"url", &profile::url},         {"key_file", &profile::key_file},
      {"ca_file", &profile::ca_file}, {"key_command", &profile::key_command},
      {"user", &profile::user},       {"badge", &profile::badge}};
  if (const auto text = texts.find(name); text != texts.end() && node.is_string()) {
    into.*(text->second) = node.value_or(std::string{});
  } else if (name == "readonly" && node.is_boolean()) {
    into.readonly = node.value_or(false);
  } else if (name == "columns") {
    read_columns(into, node, file);
  } else {
    refuse_file(
        file,
        fmt::format("line {}: {} is not known, or of another kind", node.source().begin.line, name),
        fmt::format("a profile may have {}", allowed_members)
    );
  }
}

profile read_profile(const std::string& name, const toml::table& table, const std::string& file) {
  profile made;
  made.name = name;
  for (const auto& [key, node] : table) {
    read_member(made, key.str(), node, file);
  }
  made.key_file = expand_home(made.key_file);
  made.ca_file = expand_home(made.ca_file);
  if (!made.key_file.empty() && !made.key_command.empty()) {
    refuse_file(file, "profile " + name + " has key_file and key_command", "leave one of the two");
  }
  return made;
}

void read_profile_tables(profile_file& into, const toml::node& node, const std::string& file) {
  const auto* tables = node.as_table();
  if (tables == nullptr) {
    refuse_file(file, "profiles is no table", "begin each one with [profiles.NAME]");
  }
  for (const auto& [name, each] : *tables) {
    const auto* table = each.as_table();
    if (table == nullptr) {
      refuse_file(
          file, "profiles." + std::string{name.str()} + " is no table",
          "begin it with [profiles.NAME]"
      );
    }
    const std::string key{name.str()};
    into.profiles[key] = read_profile(key, *table, file);
  }
}

}  // namespace

std::filesystem::path profile_path(const variables& environment) {
  if (const auto file = environment("STAYLER_CONFIG")) {
    return *file;
  }
  const auto base = environment("XDG_CONFIG_HOME");
  const auto folder = base ? std::filesystem::path{*base} : home_folder(environment) / ".config";
  return folder / "stayler" / "config.toml";
}

profile_file parse_profiles(std::string_view text, const std::string& file) {
  profile_file made;
  try {
    const toml::table whole = toml::parse(text, std::string_view{file});
    for (const auto& [name, node] : whole) {
      if (name.str() == "default" && node.is_string()) {
        made.default_name = node.value_or(std::string{});
      } else if (name.str() == "profiles") {
        read_profile_tables(made, node, file);
      } else {
        refuse_file(
            file, std::string{name.str()} + " is not known",
            "it may have default = \"NAME\" and tables [profiles.NAME]"
        );
      }
    }
  } catch (const toml::parse_error& error) {
    refuse_file(
        file, fmt::format("line {}: {}", error.source().begin.line, error.description()),
        "mend that line; it is TOML"
    );
  }
  return made;
}

profile_file read_profiles(const std::filesystem::path& file) {
  struct ::stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return {};
  }
  if ((status.st_mode & 077U) != 0) {
    refuse_file(
        file.string(), "others may read or change it, and it says how to get a key",
        "chmod 600 " + file.string()
    );
  }
  const auto text = adapters::read_small_file(file.string());
  if (!text) {
    refuse_file(file.string(), text.error().message, "chmod 600 " + file.string());
  }
  return parse_profiles(*text, file.string());
}

profile choose_profile(const profile_file& file, const std::string& name) {
  const auto& wanted = name.empty() ? file.default_name : name;
  if (wanted.empty()) {
    return {};
  }
  const auto found = file.profiles.find(wanted);
  if (found == file.profiles.end()) {
    std::string names;
    for (const auto& [each, unused] : file.profiles) {
      names += names.empty() ? each : ", " + each;
    }
    refuse_usage(
        "there is no profile " + wanted,
        names.empty() ? "config.toml has none" : "there are " + names,
        "stayler profile lists them, and says where they are kept"
    );
  }
  return found->second;
}

}  // namespace stayler::cli
