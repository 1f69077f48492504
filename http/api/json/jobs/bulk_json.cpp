// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/bulk_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/jobs/id_bounds.hpp"
#include "http/api/json/members/json_fields.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace stayler::http {

namespace {

using adapters::json_value;
using adapters::json_writer;

constexpr std::array<std::string_view, 3> bulk_names{"retry", "cancel", "drop"};

constexpr std::uint64_t highest_rate = 60'000;

std::vector<job_status> statuses_for(bulk_action action) {
  return action == bulk_action::cancel
             ? std::vector{job_status::pending, job_status::scheduled, job_status::processing}
             : std::vector{job_status::failed};
}

/// The values that a member names: a text, or a list of them.
template <class Value, class Parse>
std::vector<Value> read_names(
    json_fields& from, std::string_view member, Parse parse, std::string_view allowed
) {
  const auto* given = from.find(member);
  if (given == nullptr || given->is_null()) {
    return {};
  }
  const auto* list = given->as<json_value::array>();
  const json_value::array one{*given};
  std::vector<Value> values;
  for (const json_value& each : list != nullptr ? *list : one) {
    const auto* name = each.as<std::string>();
    const auto value = name != nullptr ? parse(*name) : std::optional<Value>{};
    if (!value) {
      from.add_problem(member, "must be of " + std::string{allowed});
      return {};
    }
    values.push_back(*value);
  }
  return values;
}

void read_statuses(json_fields& filter, bulk_request& into) {
  const auto allowed = statuses_for(into.action);
  into.jobs.filter.statuses =
      read_names<job_status>(filter, "status", parse_job_status, "the statuses of jobs");
  for (const job_status status : into.jobs.filter.statuses) {
    if (std::ranges::find(allowed, status) == allowed.end()) {
      filter.add_problem(
          "status", std::string{to_string(status)} + " jobs cannot be the subject of "
                        + std::string{to_string(into.action)}
      );
      return;
    }
  }
  if (into.jobs.filter.statuses.empty()) {
    into.jobs.filter.statuses = allowed;
  }
}

void read_age(json_fields& filter, job_filter& into) {
  if (const auto prefix = filter.text("q"); prefix && !narrow_to_prefix(into, *prefix)) {
    filter.add_problem("q", "must be " + std::string{id_prefix_form});
  }
  if (const auto since = filter.time("since")) {
    narrow_to_since(into, *since);
  }
  if (const auto before = filter.time("before")) {
    narrow_to_before(into, *before);
  }
}

bool selects_by_something(const bulk_selection& jobs) {
  const job_filter& filter = jobs.filter;
  return !filter.types.empty() || !filter.errors.empty() || !filter.user_id.empty()
         || !filter.conversion_id.empty() || !jobs.group.empty() || !filter.since.value.is_nil()
         || !filter.before.value.is_nil();
}

void read_filter(const json_value& given, bulk_request& into) {
  json_fields filter{given, "filter", into.problems};
  job_filter& jobs = into.jobs.filter;
  read_statuses(filter, into);
  jobs.types =
      read_names<job_type>(filter, "type", parse_job_type, "image_conversion, image_processing");
  jobs.errors =
      read_names<error_class>(filter, "errorClass", parse_error_class, "the error classes");
  jobs.user_id = filter.user_id("userId", json_fields::presence::optional).value_or("");
  jobs.conversion_id = filter.id("conversionId", json_fields::presence::optional).value_or("");
  into.jobs.group = filter.text("group", std::size_t{64}).value_or("");
  read_age(filter, jobs);
  const bool is_for_all = filter.flag("all").value_or(false);
  filter.refuse_others();
  if (into.problems.empty() && !is_for_all && !selects_by_something(into.jobs)) {
    into.problems.push_back(
        {"filter", "selects by nothing but the status: say \"all\": true where that is meant"}
    );
  }
  if (!into.jobs.group.empty() && into.action == bulk_action::cancel) {
    into.problems.push_back({"filter.group", "is of dead letters, which cannot be cancelled"});
  }
}

template <class Value>
void write_names(json_writer& json, std::string_view member, const std::vector<Value>& values) {
  if (values.empty()) {
    return;
  }
  json.key(member).begin_array();
  for (const Value value : values) {
    json.value(to_string(value));
  }
  json.end_array();
}

}  // namespace

std::string_view to_string(bulk_action action) noexcept {
  return bulk_names[static_cast<std::size_t>(action)];
}

bulk_request parse_bulk_request(std::string_view body) {
  bulk_request parsed;
  const auto json = read_json_body(body, parsed.problems);
  if (!json) {
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  const std::vector<std::string_view> allowed{bulk_names.begin(), bulk_names.end()};
  if (const auto action = root.one_of("action", allowed, json_fields::presence::required)) {
    const auto* const found = std::ranges::find(bulk_names, *action);
    parsed.action = static_cast<bulk_action>(found - bulk_names.begin());
  }
  parsed.is_dry_run = root.flag("dryRun").value_or(false);
  parsed.token = root.text("token").value_or("");
  if (const auto rate = root.number("ratePerMinute", 1, highest_rate)) {
    parsed.rate_per_minute = static_cast<std::uint32_t>(*rate);
  }
  const auto* filter = root.find("filter", json_fields::presence::required);
  root.refuse_others();
  if (filter != nullptr) {
    read_filter(*filter, parsed);
  }
  if (parsed.problems.empty() && !parsed.is_dry_run && parsed.token.empty()) {
    parsed.problems.push_back({"token", "is needed: send dryRun first, and its token with this"});
  }
  return parsed;
}

std::string render_selection(const bulk_selection& jobs) {
  const job_filter& filter = jobs.filter;
  json_writer json;
  json.begin_object();
  write_names(json, "status", filter.statuses);
  write_names(json, "type", filter.types);
  write_names(json, "errorClass", filter.errors);
  const auto write_given = [&json](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      json.field(name, value);
    }
  };
  write_given("userId", filter.user_id);
  write_given("conversionId", filter.conversion_id);
  write_given("group", jobs.group);
  write_given("from", filter.since.value.is_nil() ? "" : to_string(filter.since));
  write_given("below", filter.before.value.is_nil() ? "" : to_string(filter.before));
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
