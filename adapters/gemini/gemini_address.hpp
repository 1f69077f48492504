// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// The Gemini API's address in its one form: scheme and host in lower case, a gateway's path behind
/// them, no slash at the end. Others write the API's version and "models" behind it, as libraries
/// of other APIs ask for: both are taken off, for this service adds its own. invalid_input, with
/// the reason, for everything else that is no such address.
result<std::string> read_gemini_address(std::string_view text);

/// Where the model is found, for that address and model: no method, no slash at the end.
std::string model_url(std::string_view base_url, std::string_view model);

}  // namespace stayler::adapters
