// SPDX-License-Identifier: MIT

// /worker/start, /worker/stop, and what the worker says about itself.

#include "adapters/json/json_reader.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/json/worker/provider_json.hpp"
#include "http/api/json/worker/status_json.hpp"
#include "http/api/routes/routes.hpp"
#include "messages/base/duration.hpp"

namespace stayler::http {

namespace {

using actors::directory;

constexpr milliseconds longest_drain{3'600'000};
constexpr milliseconds longest_hang{600'000};

/// For endpoints that make something happen: answers with a message.
auto respond_with_message(
    const context_ptr& api, const exchange_ptr& exchange, std::string message
) {
  return respond_with(exchange, [api, message](unit_value) {
    return make_json(200, render_message(message, api->now()));
  });
}

void start_worker(const context_ptr& api, const exchange_ptr& exchange) {
  api->actors.ask_supervisor<unit_value>(
      milliseconds{0}, respond_with_message(api, exchange, "the worker has started"), start_atom_v
  );
}

void drain_worker(const context_ptr& api, const exchange_ptr& exchange, milliseconds timeout) {
  api->actors.ask_supervisor<unit_value>(
      timeout, respond_with_message(api, exchange, "the worker has stopped"), drain_atom_v, timeout
  );
}

void stop_worker(const context_ptr& api, const exchange_ptr& exchange) {
  const auto wanted = exchange->request.parameter("timeout");
  if (!wanted) {
    with_settings(api, [api, exchange](const settings& config) {
      drain_worker(api, exchange, config.shutdown_timeout);
    });
    return;
  }
  const auto timeout = parse_duration(*wanted);
  if (!timeout) {
    exchange->send(invalid_answer({{"timeout", timeout.error().message}}));
  } else if (*timeout > longest_drain) {
    exchange->send(invalid_answer({{"timeout", "may be at most " + format_duration(longest_drain)}})
    );
  } else {
    drain_worker(api, exchange, *timeout);
  }
}

void get_status(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [](const queue_status& status) {
    return make_json(200, render_status(status));
  };
  api->actors.ask<queue_status>(&directory::queue, respond_with(exchange, render), status_atom_v);
}

void add_latencies(
    const context_ptr& api, const exchange_ptr& exchange, const queue_status& status
) {
  const auto on_latencies = [api, exchange, status](const result<latency_report>& latencies) {
    const auto known = latencies ? std::optional{*latencies} : std::nullopt;
    exchange->send(make_json(200, render_stats(status, known, api->now())));
  };
  api->actors.ask<latency_report>(&directory::metrics, on_latencies, status_atom_v);
}

void get_stats(const context_ptr& api, const exchange_ptr& exchange) {
  const auto on_status = [api, exchange](const result<queue_status>& status) {
    if (status) {
      add_latencies(api, exchange, *status);
    } else {
      exchange->send(failure_answer(status.error()));
    }
  };
  api->actors.ask<queue_status>(&directory::queue, on_status, status_atom_v);
}

void add_queue(const context_ptr& api, const exchange_ptr& exchange, const health_report& report) {
  const auto on_status = [api, exchange, report](const result<queue_status>& status) {
    const auto known = status ? std::optional{*status} : std::nullopt;
    const bool is_well =
        report.state == health_state::healthy || report.state == health_state::degraded;
    const worker_health shown{
        api->options.worker_id, report,     known,
        api->started_at,        api->now(), detail_for(*api, exchange->caller)};
    exchange->send(make_json(is_well ? 200 : 503, render_worker_health(shown)));
  };
  api->actors.ask<queue_status>(&directory::queue, on_status, status_atom_v);
}

void get_worker_health(const context_ptr& api, const exchange_ptr& exchange) {
  const auto on_report = [api, exchange](const result<health_report>& report) {
    if (report) {
      add_queue(api, exchange, *report);
    } else {
      exchange->send(failure_answer(report.error()));
    }
  };
  api->actors.ask<health_report>(&directory::health, on_report, status_atom_v);
}

void get_workers(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [api](const std::vector<worker_status>& workers) {
    return make_json(200, render_workers(workers, api->now()));
  };
  api->actors.ask_supervisor<std::vector<worker_status>>(
      milliseconds{0}, respond_with(exchange, render), workers_atom_v
  );
}

void get_tree(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [api](const tree_status& tree) {
    return make_json(200, render_tree(tree, api->now()));
  };
  api->actors.ask_supervisor<tree_status>(
      milliseconds{0}, respond_with(exchange, render), tree_atom_v
  );
}

void get_provider(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [](const provider_status& status) {
    return make_json(200, render_provider(status));
  };
  api->actors.ask<provider_status>(
      &directory::limits, respond_with(exchange, render), status_atom_v
  );
}

void get_costs(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [](const spending_report& report) {
    return make_json(200, render_spending(report));
  };
  api->actors.ask<spending_report>(
      &directory::limits, respond_with(exchange, render), spending_atom_v
  );
}

/// Makes an actor fail, or hang, where the configuration allows such a thing at all.
void inject_fault(const context_ptr& api, const exchange_ptr& exchange) {
  std::vector<field_problem> problems;
  const auto json = adapters::parse_json(exchange->request.body);
  if (!json) {
    exchange->send(invalid_answer({{"body", json.error().message}}));
    return;
  }
  json_fields body{*json, "", problems};
  const auto name = body.text("actor", json_fields::presence::required);
  const auto hang_for = body.duration("hangFor", milliseconds{0}, longest_hang);
  body.refuse_others();
  if (!problems.empty()) {
    exchange->send(invalid_answer(problems));
    return;
  }
  const auto render = [api, exchange, actor = *name](unit_value) {
    exchange->responder->set_target(actor);
    return make_json(200, render_message("the actor was made to fail", api->now()));
  };
  api->actors.ask_supervisor<unit_value>(
      milliseconds{0}, respond_with(exchange, render), fault_atom_v, *name,
      hang_for.value_or(milliseconds{0})
  );
}

}  // namespace

void add_worker_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/worker/start", bind_context(api, start_worker));
  routes.add("POST", "/worker/stop", bind_context(api, stop_worker));
  routes.add("GET", "/worker/status", bind_context(api, get_status));
  routes.add("GET", "/worker/stats", bind_context(api, get_stats));
  routes.add("GET", "/worker/health", bind_context(api, get_worker_health));
  routes.add("GET", "/worker/workers", bind_context(api, get_workers));
  routes.add("GET", "/worker/tree", bind_context(api, get_tree));
  routes.add("GET", "/worker/provider", bind_context(api, get_provider));
  routes.add("GET", "/worker/costs", bind_context(api, get_costs));
  routes.add("POST", "/worker/chaos/fault", require_json(bind_context(api, inject_fault)));
}

}  // namespace stayler::http
