// SPDX-License-Identifier: MIT
#include "app/cli/profile/connection.hpp"

#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/small_file/small_file.hpp"
#include "adapters/url/url.hpp"
#include "app/cli/command_error.hpp"
#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <sys/wait.h>

namespace stayler::cli {

namespace {

std::string key_of_file(const std::string& file) {
  auto key = adapters::read_value_file(file);
  if (!key) {
    throw command_error{
        exit_code::not_allowed, "cannot read the API key from " + file, key.error().message,
        "write the key into that file, and chmod 600 it"};
  }
  return std::move(*key);
}

std::string key_of_command(const std::string& command) {
  FILE* const pipe = ::popen(command.c_str(), "r");
  std::string said;
  std::array<char, 512> buffer{};
  while (pipe != nullptr && std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    said += buffer.data();
  }
  const int status = pipe == nullptr ? -1 : ::pclose(pipe);
  std::string key{trim(std::string_view{said}.substr(0, said.find('\n')), " \t\r")};
  if (status != 0 || key.empty()) {
    throw command_error{
        exit_code::not_allowed, "key_command has given no API key",
        status == 0 ? "its first line is empty" : "it has failed", "run it by hand: " + command};
  }
  return key;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url;
}

void check_url(const std::string& url) {
  const auto parsed = adapters::parse_url(url);
  const auto problem = !parsed ? parsed.error().message : std::string{};
  if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https")
      || parsed->authority.host.empty()) {
    refuse_usage(
        "cannot use the address " + url, problem.empty() ? "it is no http or https URL" : problem,
        "give it as http://HOST:PORT by --url, STAYLER_URL or in a profile"
    );
  }
  if (parsed->authority.has_credentials) {
    refuse_usage(
        "cannot use that address", "it has credentials in it, which others could see",
        "put the API key into STAYLER_API_KEY or a key file"
    );
  }
}

std::string own_url(const profile& chosen) {
  return chosen.url.empty() ? connection{}.url : without_slash(chosen.url);
}

void find_key(
    connection& into,
    const profile& chosen,
    const connection_flags& flags,
    const variables& environment
) {
  if (!flags.key_file.empty()) {
    into.key = key_of_file(flags.key_file);
    into.key_source = flags.key_file;
  } else if (const auto key = environment("STAYLER_API_KEY")) {
    into.key = *key;
    into.key_source = "STAYLER_API_KEY";
  } else if (const auto file = environment("STAYLER_KEY_FILE")) {
    into.key = key_of_file(*file);
    into.key_source = *file;
  } else if (into.url != own_url(chosen)) {
    return;  // a profile's key is for that profile's service
  } else if (!chosen.key_file.empty()) {
    into.key = key_of_file(chosen.key_file);
    into.key_source = chosen.key_file;
  } else if (!chosen.key_command.empty()) {
    into.key = key_of_command(chosen.key_command);
    into.key_source = "key_command of profile " + chosen.name;
  }
}

}  // namespace

bool is_on_this_machine(const std::string& url) {
  const auto parsed = adapters::parse_url(url);
  if (!parsed) {
    return false;
  }
  const auto& host = parsed->authority.host;
  return host == "localhost" || (adapters::is_ip_address(host) && adapters::is_loopback(host));
}

connection make_connection(
    const profile& chosen, const connection_flags& flags, const variables& environment
) {
  connection made;
  made.url = own_url(chosen);
  if (!flags.url.empty()) {
    made.url = without_slash(flags.url);
  } else if (const auto url = environment("STAYLER_URL"); url && !flags.is_profile_given) {
    made.url = without_slash(*url);
  }
  check_url(made.url);
  if (!flags.timeout.empty()) {
    const auto timeout = parse_duration(flags.timeout);
    if (!timeout || timeout->count() <= 0) {
      refuse_usage("cannot use --timeout " + flags.timeout, "it is no duration", "say 10s or 2m");
    }
    made.timeout = *timeout;
  }
  made.ca_file = environment("STAYLER_CA_FILE").value_or(chosen.ca_file);
  made.is_readonly = chosen.readonly;
  find_key(made, chosen, flags, environment);
  if (made.key.find_first_of("\r\n") != std::string::npos) {
    refuse_usage(
        "cannot use the API key of " + made.key_source, "it has several lines",
        "a key is one line, as --new-key of stayler-worker has shown it"
    );
  }
  return made;
}

}  // namespace stayler::cli
