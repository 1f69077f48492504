// SPDX-License-Identifier: MIT
#include "adapters/config/secrets.hpp"

#include "adapters/config/option_table.hpp"
#include "adapters/url/url.hpp"

#include <algorithm>
#include <string_view>

namespace stayler::adapters {

namespace {

/// The password of a URL such as redis://user:password@host; empty where there is none.
std::string_view password_in(std::string_view url) {
  const std::string_view credentials = credentials_in(url);
  const auto colon = credentials.find(':');
  return colon == std::string_view::npos ? std::string_view{} : credentials.substr(colon + 1);
}

/// The values of parameters such as ?password=... and &sentinel_password=...
std::vector<std::string_view> passwords_in_query(std::string_view url) {
  constexpr std::string_view name = "password=";
  std::vector<std::string_view> found;
  url.remove_prefix(std::min(url.find('?'), url.size()));
  while (url.find(name) != std::string_view::npos) {
    url.remove_prefix(url.find(name) + name.size());
    found.push_back(url.substr(0, url.find_first_of("&#")));
  }
  return found;
}

/// A password as it stands in a URL, as a server gets it, and as other programs may write it.
void add_password(std::string_view as_written, std::vector<std::string>& to) {
  to.emplace_back(as_written);
  if (const auto decoded = decode_percent(as_written)) {
    for (const std::string& form : {*decoded, encode_percent(*decoded)}) {
      if (std::ranges::find(to, form) == to.end()) {
        to.push_back(form);
      }
    }
  }
}

/// Each of several keys, separated by commas, blanks or line ends.
void add_parts(std::string_view list, std::vector<std::string>& to) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(", \t\r\n"), list.size());
    const std::string_view part = list.substr(0, end);
    to.emplace_back(part);
    // Of a header, NAME=VALUE, the value alone is the secret.
    if (const auto equals = part.find('='); equals != std::string_view::npos) {
      add_password(part.substr(equals + 1), to);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

}  // namespace

std::string_view credentials_in(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(scheme + 3);
  const auto at = text.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : text.substr(0, at);
}

std::vector<std::string> secrets_in(const settings& config) {
  std::vector<std::string> secrets;
  for (const option& each : all_options()) {
    if (each.is_secret) {
      const std::string value = each.print(config);
      secrets.push_back(value);
      if (value.find("://") != std::string::npos) {
        add_password(password_in(value), secrets);
        for (const std::string_view password : passwords_in_query(value)) {
          add_password(password, secrets);
        }
      } else {
        add_password(password_in("://" + value), secrets);  // a proxy may lack its scheme
        add_parts(value, secrets);
      }
    }
  }
  std::erase(secrets, "");
  return secrets;
}

}  // namespace stayler::adapters
