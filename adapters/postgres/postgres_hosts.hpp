// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// One of the servers that a URL names, in libpq's terms; each is empty where the URL does not say.
struct postgres_host {
  std::string name;
  std::string address;  ///< hostaddr: a numeric one, to be taken in place of the name's
  std::string port;

  friend bool operator==(const postgres_host&, const postgres_host&) = default;
};

/// The servers that a URL with libpq's parameters names, in their order; one at least.
/// invalid_input where libpq cannot read the URL, or where the numbers of names and ports do not
/// agree; without the URL.
result<std::vector<postgres_host>> postgres_hosts_in(const std::string& url);

}  // namespace stayler::adapters
