// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/models/model_catalog.hpp"
#include "app/gemini_sim/requests/google_error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stayler::sim {

/// The answer of GET models/{model}.
std::string to_json(const model& shown);

/// The answer of GET models. The page token is the name of the page's first model.
checked<std::string> list_to_json(
    const model_catalog& models,
    std::optional<std::string_view> page_size,
    std::optional<std::string_view> page_token
);

}  // namespace stayler::sim
