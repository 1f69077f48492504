// SPDX-License-Identifier: MIT
#include "app/cli/jobs/job_following.hpp"

#include "app/cli/client/event_follower.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

/// Shows one event; true where the job has ended.
bool show_event(progress_display& display, const stream_event& event) {
  const auto parsed = adapters::parse_json(event.data);
  if (!parsed) {
    return false;
  }
  const auto status = text_of(*parsed, "status");
  const auto stage = text_of(*parsed, "progress.stage");
  std::string remark;
  if (status == "scheduled") {
    remark = "waits for its time";
  }
  if (parsed->find("waiting") != nullptr) {
    remark = short_waiting_text(*parsed->find("waiting"));
  }
  display.show(
      is_final_status(status) ? status : stage,
      static_cast<int>(count_of(*parsed, "progress.percent")), remark
  );
  return is_final_status(status);
}

}  // namespace

bool is_final_status(std::string_view status) {
  return status == "completed" || status == "failed" || status == "cancelled";
}

api_answer follow_job(command_context& context, const std::string& id) {
  auto& api = context.api();
  api.set_interruption_advice(
      fmt::format("the job goes on: stayler watch {0}, or stayler cancel {0}", id)
  );
  const auto limit = context.duration("wait", milliseconds{0});
  if (limit.count() > 0) {
    api.set_deadline(std::chrono::steady_clock::now() + limit);
  }
  progress_display display{context.out};
  bool has_ended = false;
  follow_events(
      api, {.path = "/worker/jobs/" + id + "/events",
            .what_failed = "cannot follow job " + id,
            .on_lost = [&](const std::string& why) { display.show("reconnecting", 0, why); },
            .on_event =
                [&](const stream_event& event) {
                  has_ended = show_event(display, event);
                  return !has_ended;
                },
            .is_complete = [&] { return has_ended; }}
  );
  display.clear();
  return api.ask({.path = "/worker/jobs/" + id}, "cannot read job " + id);
}

void expect_completed(const adapters::json_value& job) {
  const auto id = text_of(job, "id");
  const auto status = text_of(job, "status");
  if (status == "cancelled") {
    throw command_error{
        exit_code::job_failed, "job " + id + " was cancelled",
        flag_of(job, "possiblyBilled") ? "a call that was under way may have been billed" : "",
        "submit it again to have it done"};
  }
  if (status != "completed") {
    const auto kind = text_of(job, "error.class");
    throw command_error{
        exit_code::job_failed, fmt::format("job {} has failed", id),
        fmt::format("{}: {}", kind, text_of(job, "error.message")),
        flag_of(job, "error.retryable")
            ? fmt::format("try it again by stayler retry {0}; stayler why {0} says more", id)
            : fmt::format("{} is not helped by another try; stayler why {} says more", kind, id)};
  }
}

std::string describe_effort(const adapters::json_value& job) {
  double cost = 0;
  for (const auto& call : list_of(job, "providerCalls")) {
    cost += number_of(call, "cost").value_or(0);
  }
  const auto took = show_span(text_of(job, "createdAt"), text_of(job, "completedAt"));
  if (flag_of(job, "result.cached")) {
    return took + ", from the cache";
  }
  return cost > 0 ? took + ", " + show_dollars(cost) : took;
}

}  // namespace stayler::cli
