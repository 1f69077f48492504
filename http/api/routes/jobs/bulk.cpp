// SPDX-License-Identifier: MIT

// /worker/jobs/bulk, /worker/operations and /worker/dead-letters/groups: what is done to many jobs
// by what they have in common

#include "adapters/json/json_writer.hpp"
#include "http/api/bulk/dead_letter_groups.hpp"
#include "http/api/bulk/job_walk.hpp"
#include "http/api/json/jobs/id_bounds.hpp"
#include "http/api/json/jobs/job_query.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/user_scope.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::chrono::minutes token_lifetime{10};

/// What looking through thousands of jobs costs its caller, in calls, besides the one that asks.
constexpr double cost_of_walk = 19;

void charge_walk(const context_ptr& api, const exchange_ptr& exchange) {
  if (const auto& limits = api->options.access_control) {
    exchange->responder->set_headers(
        limits->charge(exchange->caller, cost_of_walk, std::chrono::steady_clock::now())
    );
  }
}

/// Whether a job that matches the filter is of the group that is asked for, as the caller sees it.
std::function<bool(const job&)> group_rule(const caller& who, const std::string& group) {
  if (group.empty()) {
    return nullptr;
  }
  return [who, group](const job& each) { return group_of(show_to(who, each).error) == group; };
}

/// Why the caller must not do that, or nothing.
std::optional<response> check_bulk_rights(const caller& who, bulk_request& asked) {
  if (asked.action == bulk_action::drop
      && (who.role != adapters::caller_role::admin || who.is_limited())) {
    return refusal_answer(
        {error_class::permission,
         "drop needs a key with the role admin that is for all users, as DELETE "
         "/worker/dead-letters/{id} does"}
    );
  }
  return resolve_user_id(who, asked.jobs.filter.user_id);
}

/// What calls have cost today, as far as that is known.
spending spent_today(const api_context& api) {
  const auto service = api.overview->latest();
  return service && service->costs ? service->costs->total : spending{};
}

void preview_bulk(
    const context_ptr& api,
    const exchange_ptr& exchange,
    const bulk_request& asked,
    const settings& config
) {
  charge_walk(api, exchange);
  const bool has_cost = asked.action == bulk_action::retry;
  const auto preview = std::make_shared<bulk_preview>(
      has_cost ? std::optional{retry_cost{config.gemini}} : std::nullopt
  );
  const auto is_selected = group_rule(exchange->caller, asked.jobs.group);
  const auto visit = [exchange, preview, is_selected](const job_page& page) {
    for (const job& each : page.jobs) {
      if (!is_selected || is_selected(each)) {
        preview->add(show_to(exchange->caller, each));
      }
    }
    return !preview->is_full();
  };
  const auto done = [api, exchange, asked, preview](const failure& error, bool is_complete) {
    if (error) {
      exchange->send(failure_answer(error));
      return;
    }
    const auto expires = std::chrono::floor<std::chrono::seconds>(api->now()) + token_lifetime;
    const auto token = api->tokens->sign(
        asked, exchange->caller.key, {preview->newest(), preview->count()}, expires
    );
    exchange->responder->set_details("a dry run");
    const bool has_all = is_complete && !preview->is_full();
    exchange->send(
        make_json(200, preview->render({asked.action, has_all, token, expires, spent_today(*api)}))
    );
  };
  walk_jobs(api->actors, asked.jobs.filter, visit, done);
}

/// As it may be kept: in the log and in the audit trail users stand by their tags.
bulk_selection with_tags(bulk_selection jobs, const adapters::user_tags& tags) {
  std::string& user = jobs.filter.user_id;
  user = user.empty() ? user : tags.of(user);
  return jobs;
}

void run_bulk(const context_ptr& api, const exchange_ptr& exchange, const bulk_request& asked) {
  const auto& who = exchange->caller;
  const auto seen = api->tokens->check(asked, who.key, api->now());
  if (!seen) {
    exchange->send(refusal_answer(
        {error_class::conflict,
         "the token has expired, or is of another action, filter or key: send dryRun again"}
    ));
    return;
  }
  operation_plan plan;
  plan.id = to_string(make_uuid_v7(api->now()));
  plan.action = asked.action;
  plan.jobs = asked.jobs;
  narrow_to_newest(plan.jobs.filter, seen->newest);
  plan.by = who.key;
  plan.validity = who.validity;
  plan.total = seen->count;
  plan.rate_per_minute = asked.rate_per_minute.value_or(0);
  plan.is_selected = group_rule(who, asked.jobs.group);
  exchange->responder->set_target(plan.id);
  exchange->responder->set_details(
      std::string{to_string(asked.action)} + " " + std::to_string(seen->count)
      + " jobs: " + render_selection(with_tags(asked.jobs, *api->options.tags))
  );
  const auto started =
      std::make_shared<bulk_operation>(api->actors, api->options.clock, std::move(plan));
  api->operations->add(started);
  auto answer = make_json(202, started->render());
  answer.headers.emplace_back("Location", "/worker/operations/" + started->id());
  started->start();
  exchange->send(std::move(answer));
}

void change_jobs(const context_ptr& api, const exchange_ptr& exchange) {
  auto asked = parse_bulk_request(exchange->request.body);
  if (!asked.problems.empty()) {
    exchange->send(invalid_answer(asked.problems));
  } else if (auto refusal = check_bulk_rights(exchange->caller, asked)) {
    exchange->send(std::move(*refusal));
  } else if (asked.is_dry_run) {
    with_settings(api, [api, exchange, asked](const settings& config) {
      preview_bulk(api, exchange, asked, config);
    });
  } else {
    run_bulk(api, exchange, asked);
  }
}

/// Whoever is for all users sees what others have begun.
bool may_see(const caller& who, const bulk_operation& operation) {
  return !who.is_limited() || operation.by() == who.key;
}

operation_list::operation_ptr find_operation(const context_ptr& api, const exchange_ptr& exchange) {
  auto found = api->operations->find(exchange->id);
  return found && may_see(exchange->caller, *found) ? found : nullptr;
}

void get_operation(const context_ptr& api, const exchange_ptr& exchange) {
  const auto found = find_operation(api, exchange);
  exchange->send(found ? make_json(200, found->render()) : no_such_answer("operation"));
}

void get_operations(const context_ptr& api, const exchange_ptr& exchange) {
  adapters::json_writer json;
  json.begin_object().key("operations").begin_array();
  for (const auto& each : api->operations->all()) {
    if (may_see(exchange->caller, *each)) {
      json.raw(each->render());
    }
  }
  json.end_array().end_object();
  exchange->send(make_json(200, std::move(json).text()));
}

void stop_operation(const context_ptr& api, const exchange_ptr& exchange) {
  const auto found = find_operation(api, exchange);
  const bool is_own = found && found->by() == exchange->caller.key;
  if (!found) {
    exchange->send(no_such_answer("operation"));
  } else if (!is_own && exchange->caller.role != adapters::caller_role::admin) {
    exchange->send(
        refusal_answer({error_class::permission, "another key's operation is for admins to stop"})
    );
  } else if (!found->stop()) {
    exchange->send(refusal_answer({error_class::conflict, "the operation has ended"}));
  } else {
    exchange->send(make_json(200, found->render()));
  }
}

void get_groups(const context_ptr& api, const exchange_ptr& exchange) {
  auto query = parse_job_query(exchange->request);
  if (!query.problems.empty()) {
    exchange->send(invalid_answer(query.problems));
    return;
  }
  if (auto refusal = resolve_user_id(exchange->caller, query.filter.user_id)) {
    exchange->send(std::move(*refusal));
    return;
  }
  charge_walk(api, exchange);
  query.filter.statuses = {job_status::failed};
  const auto groups = std::make_shared<dead_letter_groups>();
  const auto visit = [exchange, groups](const job_page& page) {
    for (const job& each : page.jobs) {
      groups->add(show_to(exchange->caller, each));
    }
    return groups->size() < largest_preview;
  };
  const auto done = [exchange, groups](const failure& error, bool is_complete) {
    exchange->send(error ? failure_answer(error) : make_json(200, groups->render(is_complete)));
  };
  walk_jobs(api->actors, query.filter, visit, done);
}

}  // namespace

void add_bulk_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/jobs/bulk", require_json(bind_context(api, change_jobs)));
  routes.add("GET", "/worker/operations", bind_context(api, get_operations));
  routes.add("GET", "/worker/operations/{id}", bind_context(api, get_operation));
  routes.add("DELETE", "/worker/operations/{id}", bind_context(api, stop_operation));
  routes.add("GET", "/worker/dead-letters/groups", bind_context(api, get_groups));
}

}  // namespace stayler::http
