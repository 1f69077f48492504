// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"
#include "app/cli/output/time_texts.hpp"

#include <string>

namespace stayler::cli {

/// A pause of the API, or an event of one: "paused by ops until 12:30: switching keys", as far as
/// that is known.
std::string pause_text(const adapters::json_value& pause, time_style times, timestamp now);

/// Of the members `pauses` and, of a service that has none, `pausedTypes`: "image_conversion paused
/// by ops; image_processing paused". Empty where nothing is paused.
std::string pauses_text(const adapters::json_value& status, time_style times, timestamp now);

}  // namespace stayler::cli
