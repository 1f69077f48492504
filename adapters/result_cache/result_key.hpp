// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/generation.hpp"
#include "messages/provider/result_cache.hpp"

#include <string_view>

namespace stayler::adapters {

/// What names the picture that this request to that model makes: the same for the same prompt,
/// aspect ratio, image size and images in the same order, whoever asks, and another where any of
/// them differs.
content_hash make_result_key(const generation_request& request, std::string_view model);

}  // namespace stayler::adapters
