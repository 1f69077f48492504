// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Takes "https://app.example,http://localhost:3000" apart: origins of web pages, each as a browser
/// sends it, in lower case and without its scheme's usual port. Nothing where one is malformed, or
/// is a wildcard or "null", which stand for pages of anybody.
std::optional<std::vector<std::string>> parse_web_origins(std::string_view text);

}  // namespace stayler::adapters
