// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// How many secrets may be in use at a time: those of a rotation, and some to spare.
inline constexpr std::size_t max_web_hook_secrets = 5;

/// The keys that the secrets spell, in their order: "whsec_" and the base64 of 24 to 64 bytes each,
/// separated by blanks or commas. The prefix may be missing, as the libraries of Standard Webhooks
/// decode the rest in any case. Nothing where one of them has another form: such a secret would
/// sign with another key than its receiver has. No keys where the text is empty.
std::optional<std::vector<std::string>> parse_web_hook_secrets(std::string_view text);

}  // namespace stayler::adapters
