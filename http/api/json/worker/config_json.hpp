// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"
#include "messages/service/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// The effective configuration, grouped as its JSON names say ("retry.maxDelay" is in "retry");
/// secrets are shown as "***".
std::string render_settings(const settings& shown);

/// Every option with what it is called, what is allowed, its default and the value that it has;
/// secrets are shown as "***".
std::string render_settings_schema(const settings& current);

/// What a change would do: each option whose value would be another, and the whole of it.
std::string render_settings_preview(const settings& before, const settings& after, timestamp now);

/// The changes that a body of PUT /worker/config asks for.
struct parsed_changes {
  std::vector<settings_change> changes;
  std::vector<field_problem> problems;
};

/// Reads that body: any part of what render_settings writes. Durations may be integers in
/// nanoseconds. Whether names and values are allowed is for the owner of the settings to say.
parsed_changes parse_changes(std::string_view body);

}  // namespace stayler::http
