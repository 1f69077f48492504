// SPDX-License-Identifier: MIT
#include "app/cli/jobs/job_texts.hpp"

#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace stayler::cli {

namespace {

using adapters::json_value;
using cell = text_table::cell;

std::string stage_text(const json_value& job) {
  const auto status = text_of(job, "status");
  if (const auto* waiting = job.find("waiting")) {
    return short_waiting_text(*waiting);
  }
  if (status == "failed" || status == "cancelled") {
    return text_of(job, "error.message");
  }
  return status == "processing" ? fmt::format(
             "{} {}%", text_of(job, "progress.stage"), count_of(job, "progress.percent")
         )
                                : text_of(job, "progress.stage");
}

std::string tries_text(const json_value& job) {
  return fmt::format("{}/{}", list_of(job, "attempts").size(), count_of(job, "maxRetries") + 1);
}

std::string cost_text(const json_value& job) {
  double cost = 0;
  for (const auto& call : list_of(job, "providerCalls")) {
    cost += number_of(call, "cost").value_or(0);
  }
  return cost > 0 ? show_dollars(cost) : "-";
}

struct job_column {
  std::string_view name;
  std::string_view path = {};  ///< a member of the job
  bool is_time = false;
  std::string (*show)(const json_value&) = nullptr;  ///< in place of a member
};

constexpr std::array<job_column, 14> job_columns{{
    {.name = "id", .path = "id"},
    {.name = "status", .path = "status"},
    {.name = "type", .path = "type"},
    {.name = "user", .path = "userId"},
    {.name = "conversion", .path = "conversionId"},
    {.name = "priority", .path = "priority"},
    {.name = "worker", .path = "workerId"},
    {.name = "class", .path = "error.class"},
    {.name = "result", .path = "result.imageId"},
    {.name = "created", .path = "createdAt", .is_time = true},
    {.name = "updated", .path = "updatedAt", .is_time = true},
    {.name = "tries", .show = &tries_text},
    {.name = "cost", .show = &cost_text},
    {.name = "state", .show = &stage_text},
}};

cell show_column(const command_context& context, const job_column& column, const json_value& job) {
  if (column.show != nullptr) {
    return {column.show(job)};
  }
  auto text = text_of(job, column.path);
  if (column.is_time) {
    text = context.time(text);
  }
  const auto shade = column.name == "status" ? colour_of_status(text) : colour::plain;
  return {text.empty() ? "-" : text, shade};
}

const job_column& find_column(const std::string& name) {
  const auto found = std::ranges::find(job_columns, name, &job_column::name);
  if (found == job_columns.end()) {
    std::string names;
    for (const auto& each : job_columns) {
      names += (names.empty() ? "" : ", ") + std::string{each.name};
    }
    refuse_usage("there is no column " + name, "", "there are " + names);
  }
  return *found;
}

std::string attempts_table(const command_context& context, const json_value& job) {
  text_table table{{"attempt", "worker", "began", "took", "error"}};
  const auto& attempts = list_of(job, "attempts");
  // The newest first: what is wrong now is what people look for.
  for (std::size_t left = attempts.size(); left > 0; --left) {
    const auto& each = attempts[left - 1];
    const auto kind = text_of(each, "error.class");
    table.add(
        {{text_of(each, "attempt")},
         {text_of(each, "workerId")},
         {context.time(text_of(each, "startedAt"))},
         {show_span(text_of(each, "startedAt"), text_of(each, "endedAt"))},
         {kind.empty() ? "-" : kind + ": " + text_of(each, "error.message"),
          kind.empty() ? colour::plain : colour::red}}
    );
  }
  return table.is_empty() ? std::string{} : "\n\n" + table.render(context.out);
}

std::string calls_table(const command_context& context, const json_value& job) {
  text_table table{{"call of attempt", "state", "outcome", "took", "tokens", "cost"}};
  for (const auto& call : list_of(job, "providerCalls")) {
    const auto cost = number_of(call, "cost");
    table.add(
        {{text_of(call, "attempt")},
         {text_of(call, "state")},
         {text_of(call, "outcome")},
         {show_span(text_of(call, "openedAt"), text_of(call, "closedAt"))},
         {text_of(call, "tokens")},
         {cost ? show_dollars(*cost) : "-"}}
    );
  }
  return table.is_empty() ? std::string{} : "\n\n" + table.render(context.out);
}

std::string result_text(const json_value& job) {
  if (job.find("result") == nullptr) {
    return {};
  }
  return fmt::format(
      "{}, {} x {}, {}, {}{}", text_of(job, "result.imageId"), text_of(job, "result.width"),
      text_of(job, "result.height"), text_of(job, "result.mimeType"),
      show_bytes(number_of(job, "result.bytes").value_or(0)),
      flag_of(job, "result.cached") ? ", from the cache" : ""
  );
}

}  // namespace

colour colour_of_status(std::string_view status) {
  if (status == "completed" || status == "healthy" || status == "ok" || status == "running") {
    return colour::green;
  }
  if (status == "failed" || status == "unhealthy" || status == "fail" || status == "stopped") {
    return colour::red;
  }
  if (status == "processing" || status == "busy") {
    return colour::blue;
  }
  return status == "scheduled" || status == "degraded" || status == "warn" ? colour::yellow
                                                                           : colour::plain;
}

std::string render_jobs(
    const command_context& context,
    const console& out,
    const std::vector<json_value>& jobs,
    const std::vector<std::string>& columns
) {
  text_table table{columns};
  for (const auto& job : jobs) {
    std::vector<cell> row;
    row.reserve(columns.size());
    for (const auto& name : columns) {
      row.push_back(show_column(context, find_column(name), job));
    }
    table.add(std::move(row));
  }
  return table.render(out);
}

std::string render_job(const command_context& context, const json_value& job) {
  const auto kind = text_of(job, "error.class");
  const auto at = [&](std::string_view path) {
    const auto time = text_of(job, path);
    return time.empty() ? time : context.time(time);
  };
  const auto facts = render_facts(
      context.out,
      {{"id", text_of(job, "id")},
       {"status", text_of(job, "status")},
       {"state", stage_text(job)},
       {"type", text_of(job, "type")},
       {"user", text_of(job, "userId")},
       {"conversion", text_of(job, "conversionId")},
       {"runs again", text_of(job, "rerunOf")},
       {"priority", text_of(job, "priority")},
       {"worker", text_of(job, "workerId")},
       {"error", kind.empty() ? kind : kind + ": " + text_of(job, "error.message")},
       {"next", text_of(job, "next.why")},
       {"result", result_text(job)},
       {"came", at("createdAt")},
       {"due", at("dueAt")},
       {"began", at("startedAt")},
       {"ended", at("completedAt")},
       {"effort", is_final_status(text_of(job, "status")) ? describe_effort(job) : ""},
       {"billed", flag_of(job, "possiblyBilled") ? "perhaps, though it has no picture" : ""}}
  );
  return facts + attempts_table(context, job) + calls_table(context, job);
}

}  // namespace stayler::cli
