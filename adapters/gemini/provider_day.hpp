// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <string>

namespace stayler::adapters {

/// The end of the provider's day, when its daily quotas begin anew: the next midnight in Pacific
/// time, daylight saving by the rule in force since 2007.
timestamp end_of_provider_day(timestamp now);

/// The provider's day as a date, "2026-11-24".
std::string provider_day(timestamp now);

}  // namespace stayler::adapters
