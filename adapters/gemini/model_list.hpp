// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A model's name as it stands in the API's paths: letters, digits, and . _ -
bool is_model_name(std::string_view text);

/// The names in "MODEL,MODEL,...", at most eight; none of an empty text. invalid_input where one is
/// no name or is there twice.
result<std::vector<std::string>> read_model_names(std::string_view text);

/// The models that may be asked, in the order in which they are preferred: GEMINI_MODEL, then the
/// fallbacks. Never empty.
std::vector<std::string> models_of(const gemini_settings& config);

}  // namespace stayler::adapters
