// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/service/settings.hpp"

#include <span>
#include <string>
#include <vector>

namespace stayler::adapters {

/// What does not fit together in otherwise valid settings; the fields are JSON names.
std::vector<field_problem> validate(const settings& candidate);

/// Where probes and metrics are answered: with the API, unless an address of their own is set.
const std::string& probe_address(const settings& config);

/// Applies all changes, or none. Refused: unknown names, options that are not live, bad values and
/// what validate() finds. What GET shows may be sent back as it is: "***" leaves a secret alone,
/// and an option that is not live may be given the value that it has.
settings_update apply_changes(const settings& current, std::span<const settings_change> changes);

}  // namespace stayler::adapters
