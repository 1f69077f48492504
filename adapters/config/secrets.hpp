// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// What stands between "://" and the last "@" of an address: passwords may hold any character.
/// A part of the text; empty where there is none.
std::string_view credentials_in(std::string_view text);

/// What must not be shown anywhere: the values of all options that are secrets, and the parts of
/// them that may stand alone: each of several keys, the password of a URL, encoded and decoded.
std::vector<std::string> secrets_in(const settings& config);

}  // namespace stayler::adapters
