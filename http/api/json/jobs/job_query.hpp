// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"

#include <string>
#include <vector>

namespace stayler::http {

/// What a listing's query asks for. Where there are problems, the filter is of no use.
struct parsed_job_query {
  job_filter filter;
  std::string group;  ///< of dead letters, as group_of() names it; empty: of all groups
  std::vector<field_problem> problems;
};

/// Reads status, type and errorClass (each repeated or with commas), userId, conversionId, group,
/// q (the beginning of an id), since, before, limit and cursor.
parsed_job_query parse_job_query(const request& req);

}  // namespace stayler::http
