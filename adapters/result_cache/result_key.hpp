// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/generation.hpp"
#include "messages/provider/result_cache.hpp"

#include <cstdint>
#include <string_view>

namespace stayler::adapters {

/// Whose jobs a picture may serve.
enum class result_scope : std::uint8_t { all, user };

/// What names the picture that this request to that model makes: the same for the same prompt,
/// aspect ratio, image size and images in the same order, and another where any of them differs. In
/// the scope of a user also another for each user; else the same, whoever asks.
content_hash make_result_key(
    const generation_request& request,
    std::string_view model,
    result_scope scope = result_scope::all
);

}  // namespace stayler::adapters
