// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/job_query.hpp"

#include "http/api/json/jobs/id_bounds.hpp"
#include "messages/base/text.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/user_id.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace stayler::http {

namespace {

constexpr std::uint32_t max_limit = 500;

/// Adds the values that the list names, by `parse`; false where it does not know one.
template <class Value, class Parse>
bool add_names(std::string_view list, std::vector<Value>& into, Parse parse) {
  while (!list.empty()) {
    const auto value = parse(take_until(list, ","));
    if (!value) {
      return false;
    }
    into.push_back(*value);
  }
  return true;
}

bool read_limit(std::string_view text, std::uint32_t& into) {
  const auto limit = parse_number<std::uint32_t>(text);
  into = limit.value_or(0);
  return into >= 1 && into <= max_limit;
}

/// The time that bounds the age of jobs on one side.
bool read_bound(
    std::string_view text, job_filter& into, void (*narrow)(job_filter& filter, timestamp bound)
) {
  const auto time = parse_rfc3339(text);
  if (time) {
    narrow(into, *time);
  }
  return time.has_value();
}

/// What is wrong with the parameter; empty where it was taken. Others than ours are let be.
std::string read_parameter(const std::string& name, const std::string& value, job_filter& into) {
  if (name == "q") {
    return narrow_to_prefix(into, value) ? "" : "must be " + std::string{id_prefix_form};
  }
  if (name == "since" || name == "before") {
    return read_bound(value, into, name == "since" ? narrow_to_since : narrow_to_before)
               ? ""
               : "must be a time such as 2026-11-30T09:00:00Z";
  }
  if (name == "status") {
    return add_names(value, into.statuses, parse_job_status)
               ? ""
               : "must be of pending, scheduled, processing, completed, failed, cancelled";
  }
  if (name == "type") {
    return add_names(value, into.types, parse_job_type)
               ? ""
               : "must be of image_conversion, image_processing";
  }
  if (name == "errorClass") {
    return add_names(value, into.errors, parse_error_class) ? "" : "must be of the error classes";
  }
  if (name == "limit") {
    return read_limit(value, into.limit) ? "" : "must be a whole number from 1 to 500";
  }
  if (name == "cursor") {
    const auto id = parse_job_id(value);
    if (id) {
      narrow_to_older(into, *id);
    }
    return id ? "" : "must be the nextCursor of a page";
  }
  if (name == "userId") {
    into.user_id = value;
    return value.empty() || is_user_id(value) ? "" : "must be " + std::string{user_id_form};
  }
  if (name == "conversionId") {
    into.conversion_id = value;
  }
  return "";
}

}  // namespace

parsed_job_query parse_job_query(const request& req) {
  parsed_job_query parsed;
  for (const auto& [name, value] : req.query) {
    if (name == "group") {
      parsed.group = value;
    }
    auto problem = read_parameter(name, value, parsed.filter);
    if (!problem.empty()) {
      parsed.problems.push_back({name, std::move(problem)});
    }
  }
  return parsed;
}

}  // namespace stayler::http
