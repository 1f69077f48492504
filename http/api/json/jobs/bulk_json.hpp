// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job_filter.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// What can be done to many jobs at once.
enum class bulk_action : std::uint8_t { retry, cancel, drop };

std::string_view to_string(bulk_action action) noexcept;

/// Which jobs a bulk action is for.
struct bulk_selection {
  job_filter filter;
  std::string group;  ///< of dead letters, as group_of() names it; empty: of all groups
};

/// What POST /worker/jobs/bulk asks for. Where there are problems, the rest is of no use.
struct bulk_request {
  bulk_action action = bulk_action::retry;
  bulk_selection jobs;
  bool is_dry_run = false;
  std::string token;                             ///< of a dry run; empty: none was sent
  std::optional<std::uint32_t> rate_per_minute;  ///< of jobs; none: as fast as it goes
  std::vector<field_problem> problems;
};

/// Reads that body. A filter that selects by nothing is refused unless "all" says that it is meant,
/// and so is a status that the action is not for.
bulk_request parse_bulk_request(std::string_view body);

/// The selection as a JSON object, the same for equal ones: by it a run is held to its dry run.
std::string render_selection(const bulk_selection& jobs);

}  // namespace stayler::http
