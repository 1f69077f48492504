// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/job_json.hpp"

#include "adapters/url_rules/url_rules.hpp"
#include "http/api/json/image_json.hpp"
#include "http/api/json/jobs/job_request_json.hpp"
#include "http/api/json/jobs/pause_json.hpp"
#include "http/api/json/members/json_members.hpp"
#include "messages/base/duration.hpp"
#include "messages/jobs/suspect.hpp"
#include "policies/jobs/next_step.hpp"
#include "policies/jobs/waiting_reason.hpp"

#include <cstdint>
#include <utility>

namespace stayler::http {

namespace {

using adapters::json_writer;

void write_stages(json_writer& json, const std::vector<stage_start>& stages) {
  if (stages.empty()) {
    return;
  }
  json.key("stages").begin_array();
  for (const auto& stage : stages) {
    json.begin_object().field("stage", to_string(stage.stage));
    write_time(json, "startedAt", stage.at);
    json.end_object();
  }
  json.end_array();
}

void write_attempts(json_writer& json, const std::vector<attempt_record>& history) {
  json.key("attempts").begin_array();
  for (const auto& attempt : history) {
    json.begin_object();
    json.field("attempt", static_cast<std::uint64_t>(attempt.token));
    json.field("workerId", attempt.worker_id);
    write_time(json, "startedAt", attempt.started_at);
    write_time(json, "endedAt", attempt.ended_at);
    if (attempt.error) {
      write_error(json, attempt.error);
    }
    write_stages(json, attempt.stages);
    json.end_object();
  }
  json.end_array();
}

void write_calls(json_writer& json, const job& j) {
  json.key("providerCalls").begin_array();
  for (const auto& call : j.calls) {
    json.begin_object().field("attempt", static_cast<std::uint64_t>(call.token));
    json.field("state", to_string(call.state));
    write_time(json, "openedAt", call.opened_at);
    write_time(json, "closedAt", call.closed_at);
    if (call.state == call_state::settled) {
      json.field("outcome", call.outcome == error_class::none ? "image" : to_string(call.outcome));
      json.field("tokens", call.tokens);
      json.field("cost", in_dollars(call.cost));
    }
    json.end_object();
  }
  json.end_array();
  json.field("ambiguousCalls", j.ambiguous_calls);
}

void write_result(json_writer& json, const job_result& result) {
  if (result.image_id.empty()) {
    return;
  }
  json.key("result").begin_object();
  json.field("imageId", result.image_id).field("url", image_url(result.image_id));
  json.field("thumbnailUrl", thumbnail_url(result.image_id));
  json.field("width", result.width).field("height", result.height);
  json.field("mimeType", result.mime_type).field("bytes", result.bytes);
  json.field("cached", result.cached);
  write_text(json, "modelVersion", result.model_version);
  json.end_object();
}

/// How many failures were, or will be, followed by another attempt: all but the one, if it was not
/// the loss of a worker, that made the job fail for good.
std::uint32_t retry_count(const job& j) {
  const bool is_last_failure = j.status == job_status::failed
                               && j.error.kind != error_class::worker_lost
                               && j.error.kind != error_class::ambiguous_call;
  return is_last_failure && j.failures > 0 ? j.failures - 1 : j.failures;
}

void write_state(json_writer& json, const job& j) {
  json.field("priority", j.request.priority).field("status", to_string(j.status));
  if (j.request.urgency != job_urgency::normal) {
    json.field("urgency", to_string(j.request.urgency));
  }
  write_text(json, "workerId", j.worker_id);
  json.field("retryCount", retry_count(j)).field("maxRetries", j.request.max_retries);
  json.field("timeout", format_duration(j.request.timeout));
  if (j.error) {
    json.field("errorMessage", j.error.message);
    write_error(json, j.error);
  }
  json.field("interruptions", j.interruptions).field("crashes", j.crashes);
  json.field("possiblyBilled", j.possibly_billed);
  if (is_suspect(j)) {
    json.field("suspect", true);
  }
}

void write_next(json_writer& json, const job& j) {
  if (const auto next = policies::next_step_of(j)) {
    json.key("next").begin_object().field("action", to_string(next->action));
    write_time(json, "at", next->at);
    json.field("why", next->why).end_object();
  }
}

void write_waiting(json_writer& json, const job& j, const policies::service_snapshot* service) {
  const auto account = service != nullptr ? policies::explain_waiting(j, *service) : std::nullopt;
  if (!account) {
    return;
  }
  json.key("waiting").begin_object().field("reason", to_string(account->reason));
  if (account->reason == policies::waiting_reason::paused) {
    json.field("blockedBy", to_string(j.request.type));
  }
  if (account->pause) {
    json.key("pause").begin_object();
    write_pause_members(json, *account->pause);
    json.end_object();
  }
  write_time(json, "until", account->until);
  if (account->ahead_at_most) {
    json.field("aheadAtMost", *account->ahead_at_most);
  }
  if (is_set(account->starts_by)) {
    json.key("estimatedStartAt").begin_object();
    write_time(json, "from", account->starts_from);
    write_time(json, "to", account->starts_by);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

void write_job(json_writer& json, const job& j, const policies::service_snapshot* service) {
  json.begin_object();
  json.field("id", to_string(j.id)).field("type", to_string(j.request.type));
  write_text(json, "conversionId", j.request.conversion_id);
  write_text(json, "traceId", trace_id_text(j.request.trace));
  json.field("userId", j.request.user_id);
  write_state(json, j);
  json.key("payload");
  write_payload(json, j.request);
  json.key("progress").begin_object().field("stage", to_string(j.progress.stage));
  json.field("percent", j.progress.percent).end_object();
  write_attempts(json, j.attempts);
  write_calls(json, j);
  write_result(json, j.result);
  write_time(json, "runAt", j.request.run_at);
  if (!j.request.rerun_of.value.is_nil()) {
    json.field("rerunOf", to_string(j.request.rerun_of));
  }
  if (!j.request.webhook_url.empty()) {
    // Without its path, which may be what lets one post there.
    json.field("webhookReceiver", adapters::origin_of(j.request.webhook_url));
  }
  if (j.status == job_status::scheduled) {
    write_time(json, "dueAt", j.due_at);
  }
  write_time(json, "createdAt", j.created_at);
  write_time(json, "updatedAt", j.updated_at);
  write_time(json, "startedAt", j.started_at);
  write_time(json, "completedAt", j.completed_at);
  write_waiting(json, j, service);
  write_next(json, j);
  json.end_object();
}

std::string render_job(const job& shown, const policies::service_snapshot* service) {
  json_writer json;
  write_job(json, shown, service);
  return std::move(json).text();
}

std::string render_job_page(const job_page& page, const policies::service_snapshot* service) {
  json_writer json;
  json.begin_object().key("jobs").begin_array();
  for (const auto& each : page.jobs) {
    write_job(json, each, service);
  }
  json.end_array().key("nextCursor");
  if (page.next.value.is_nil()) {
    json.null();
  } else {
    json.value(to_string(page.next));
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::http
