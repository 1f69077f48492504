// SPDX-License-Identifier: MIT
#include "app/cli/doctor/work_checks.hpp"

#include "app/cli/command_context.hpp"
#include "app/cli/jobs/pause_texts.hpp"
#include "app/cli/options/option_changes.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <optional>

namespace stayler::cli {

namespace {

using adapters::json_value;

constexpr double disk_is_tight = 0.10;
constexpr double disk_is_full = 0.02;

/// The answer to a GET, or, where it is refused, a finding in its place.
std::optional<json_value> read_for(
    command_context& context,
    const std::string& path,
    const std::string& check,
    std::vector<finding>& into
) {
  const auto answer = context.api().send({.path = path});
  if (answer.is_good()) {
    return answer.json();
  }
  const bool is_hidden = answer.status == 401 || answer.status == 403;
  into.push_back(
      {check, is_hidden ? verdict::skipped : verdict::warn,
       is_hidden ? "this key may not see it" : fmt::format("{} answers {}", path, answer.status),
       is_hidden ? "" : "ask again; its log says why"}
  );
  return std::nullopt;
}

void check_dispatch(command_context& context, std::vector<finding>& into) {
  const auto status = read_for(context, "/worker/status", "dispatch", into);
  if (!status) {
    return;
  }
  const auto state = text_of(*status, "state");
  std::string paused;
  for (const auto& each : list_of(*status, "pausedTypes")) {
    paused += " " + (each.as<std::string>() == nullptr ? "" : *each.as<std::string>());
  }
  if (state != "running") {
    into.push_back({"dispatch", verdict::fail, "the service is " + state, "stayler worker start"});
  } else if (!paused.empty()) {
    const auto how = pauses_text(*status, time_style::utc, command_context::now());
    into.push_back({"dispatch", verdict::warn, how, "stayler resume" + paused});
  } else {
    into.push_back(
        {"dispatch", verdict::ok,
         fmt::format(
             "running: {} wait, {} run", count_of(*status, "pendingJobs"),
             count_of(*status, "processingJobs")
         ),
         ""}
    );
  }
  if (const auto failed = count_of(*status, "failedJobs"); failed > 0) {
    into.push_back(
        {"dead letters", verdict::warn,
         failed == 1 ? "a job has failed for good"
                     : fmt::format("{} jobs have failed for good", failed),
         "stayler dead groups shows of what; stayler dead retry group:ID tries them again"}
    );
  } else {
    into.push_back({"dead letters", verdict::ok, "none", ""});
  }
}

void check_workers(command_context& context, std::vector<finding>& into) {
  const auto page = read_for(context, "/worker/workers", "workers", into);
  if (!page) {
    return;
  }
  const auto count = list_of(*page, "workers").size();
  into.push_back(
      {"workers", count > 0 ? verdict::ok : verdict::fail,
       count > 0 ? fmt::format("{}", count) : "there is none to take jobs",
       count > 0 ? "" : "stayler config set maxWorkers=5, or start worker nodes"}
  );
}

void check_provider(command_context& context, std::vector<finding>& into) {
  const auto provider = read_for(context, "/worker/provider", "provider", into);
  if (!provider) {
    return;
  }
  const auto breaker = text_of(*provider, "breaker");
  if (breaker == "closed") {
    into.push_back(
        {"provider", verdict::ok,
         fmt::format(
             "{} makes the pictures; {} calls, {} failed", text_of(*provider, "model"),
             count_of(*provider, "calls"), count_of(*provider, "failedCalls")
         ),
         ""}
    );
    return;
  }
  into.push_back(
      {"provider", verdict::warn,
       fmt::format(
           "no calls are made until {}: {}", context.time(text_of(*provider, "closedUntil")),
           text_of(*provider, "lastError.message")
       ),
       "wait, or mend what the message names; jobs wait meanwhile, none is lost"}
  );
}

void check_budget(command_context& context, std::vector<finding>& into) {
  const auto costs = read_for(context, "/worker/costs", "budget", into);
  if (!costs) {
    return;
  }
  const auto spent = number_of(*costs, "total.cost").value_or(0);
  const auto budget = number_of(*costs, "budgetPerDay");
  if (!budget) {
    into.push_back(
        {"budget", verdict::warn, fmt::format("none is set; {} spent today", show_dollars(spent)),
         "bound a day's costs by GEMINI_BUDGET_PER_DAY (docs/configuration.md)"}
    );
    return;
  }
  const bool is_used_up = spent >= *budget;
  into.push_back(
      {"budget", is_used_up ? verdict::warn : verdict::ok,
       fmt::format("{} of {} spent today", show_dollars(spent), show_dollars(*budget)),
       is_used_up ? "jobs wait for the next day; stayler costs shows what it went to" : ""}
  );
}

void check_notifications(command_context& context, std::vector<finding>& into) {
  const auto page =
      read_for(context, "/worker/notifications?state=given_up&limit=1", "deliveries", into);
  if (!page) {
    return;
  }
  const auto& given_up = list_of(*page, "notifications");
  into.push_back(
      given_up.empty()
          ? finding{"deliveries", verdict::ok, "none was given up", ""}
          : finding{
                "deliveries", verdict::warn,
                "some were given up: " + text_of(given_up.front(), "lastError.message"),
                "mend the receiver, then stayler notification redeliver --all"}
  );
}

void check_options(command_context& context, std::vector<finding>& into) {
  const auto schema = read_for(context, "/worker/config/schema", "web hook", into);
  if (!schema) {
    return;
  }
  const auto value_of = [&](std::string_view variable) {
    const auto* option = find_schema_option(*schema, variable);
    return option == nullptr ? std::string{} : text_of(*option, "value");
  };
  const auto hook = value_of("WORKER_WEBHOOK_URL");
  const auto channel = value_of("WORKER_NOTIFY_CHANNEL");
  if (hook.empty() && channel.empty()) {
    into.push_back(
        {"web hook", verdict::warn, "nobody is told when jobs end",
         "set WORKER_WEBHOOK_URL, unless the application asks by itself"}
    );
  } else {
    into.push_back({"web hook", verdict::ok, hook.empty() ? "channel " + channel : hook, ""});
  }
  if (is_on_this_machine(context.api().how().url)) {
    into.push_back(check_disk(value_of("WORKER_DATA_DIR")));
  }
}

}  // namespace

finding check_disk(const std::string& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error || space.capacity == 0) {
    return {"disk", verdict::skipped, "there is no folder " + folder + " here", ""};
  }
  const auto share = static_cast<double>(space.available) / static_cast<double>(space.capacity);
  const auto what = fmt::format(
      "{:.1f} GiB free ({:.0f}%) for {}",
      static_cast<double>(space.available) / (1024.0 * 1024 * 1024), share * 100, folder
  );
  if (share >= disk_is_tight) {
    return {"disk", verdict::ok, what, ""};
  }
  return {
      "disk", share < disk_is_full ? verdict::fail : verdict::warn, what,
      "make room: when it is full, jobs and pictures are refused (507), none is lost"};
}

void check_work(command_context& context, std::vector<finding>& into) {
  check_dispatch(context, into);
  check_workers(context, into);
  check_provider(context, into);
  check_budget(context, into);
  check_notifications(context, into);
  check_options(context, into);
}

}  // namespace stayler::cli
