// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_writer.hpp"
#include "messages/base/error.hpp"
#include "messages/jobs/type_pause.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// What POST /worker/types/{type}/pause asks for. Where there are problems, it is of no use.
struct parsed_pause {
  type_pause wanted;
  std::vector<field_problem> problems;
};

/// Reads that body: nothing, or {"until": time} or {"for": duration}, and {"reason": text}.
parsed_pause parse_pause(std::string_view body, timestamp now);

/// Writes what is known of a pause, without the braces around it.
void write_pause_members(adapters::json_writer& json, const type_pause& pause);

/// Writes the pauses as the names of their types, and as what is known of each.
void write_pauses(adapters::json_writer& json, const std::vector<type_pause>& pauses);

/// The answer to a pause, or to going on: "image_conversion is paused until ...".
std::string render_pause_change(std::string_view type, const pause_change& change, timestamp now);

/// For the audit: "paused until ..., by ops: switching keys -> not paused".
std::string describe_pause_change(const pause_change& change);

}  // namespace stayler::http
