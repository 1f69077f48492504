// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/conversion.hpp"

#include <string>

namespace stayler::adapters {

/// The JSON document that a web hook and a channel carry; `id` is the event's.
std::string to_json(const notification& event);

}  // namespace stayler::adapters
