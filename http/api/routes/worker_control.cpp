// SPDX-License-Identifier: MIT

// /worker/start, /worker/stop, and what the worker says about itself.

#include "adapters/json/json_reader.hpp"
#include "http/api/json/json_fields.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/json/status_json.hpp"

namespace stayler::http {

namespace {

using actors::directory;

constexpr milliseconds longest_drain{3'600'000};
constexpr milliseconds longest_hang{600'000};

/// For endpoints that make something happen: answers with a message.
auto saying(const context_ptr& api, const call_ptr& c, std::string message) {
  return answering(c, [api, message](unit_value) {
    return make_json(200, render_message(message, api->now()));
  });
}

void start(const context_ptr& api, const call_ptr& c) {
  api->actors.ask_supervisor<unit_value>(
      milliseconds{0}, saying(api, c, "the worker has started"), start_atom_v
  );
}

void drain(const context_ptr& api, const call_ptr& c, milliseconds timeout) {
  api->actors.ask_supervisor<unit_value>(
      timeout, saying(api, c, "the worker has stopped"), drain_atom_v, timeout
  );
}

void stop(const context_ptr& api, const call_ptr& c) {
  const auto wanted = c->req.parameter("timeout");
  if (!wanted) {
    api->actors.run([api, c](bridge_self* self) {
      drain(api, c, self->state.config.shutdown_timeout);
    });
    return;
  }
  const auto timeout = parse_duration(*wanted);
  if (!timeout) {
    c->to->send(invalid_answer({{"timeout", timeout.error().message}}));
  } else if (*timeout > longest_drain) {
    c->to->send(invalid_answer({{"timeout", "may be at most " + format_duration(longest_drain)}}));
  } else {
    drain(api, c, *timeout);
  }
}

void show_status(const context_ptr& api, const call_ptr& c) {
  const auto render = [](const queue_status& status) {
    return make_json(200, render_status(status));
  };
  api->actors.ask<queue_status>(&directory::queue, answering(c, render), status_atom_v);
}

void add_latencies(const context_ptr& api, const call_ptr& c, const queue_status& status) {
  const auto on_latencies = [api, c, status](const result<latency_report>& latencies) {
    const auto known = latencies ? std::optional{*latencies} : std::nullopt;
    c->to->send(make_json(200, render_stats(status, known, api->now())));
  };
  api->actors.ask<latency_report>(&directory::metrics, on_latencies, status_atom_v);
}

void show_stats(const context_ptr& api, const call_ptr& c) {
  const auto on_status = [api, c](const result<queue_status>& status) {
    if (status) {
      add_latencies(api, c, *status);
    } else {
      c->to->send(failure_answer(status.error()));
    }
  };
  api->actors.ask<queue_status>(&directory::queue, on_status, status_atom_v);
}

void add_queue(const context_ptr& api, const call_ptr& c, const health_report& report) {
  const auto on_status = [api, c, report](const result<queue_status>& status) {
    const auto known = status ? std::optional{*status} : std::nullopt;
    const bool is_well =
        report.state == health_state::healthy || report.state == health_state::degraded;
    const worker_health shown{api->options.worker_id, report, known, api->started_at, api->now()};
    c->to->send(make_json(is_well ? 200 : 503, render_worker_health(shown)));
  };
  api->actors.ask<queue_status>(&directory::queue, on_status, status_atom_v);
}

void show_health(const context_ptr& api, const call_ptr& c) {
  const auto on_report = [api, c](const result<health_report>& report) {
    if (report) {
      add_queue(api, c, *report);
    } else {
      c->to->send(failure_answer(report.error()));
    }
  };
  api->actors.ask<health_report>(&directory::health, on_report, status_atom_v);
}

void show_workers(const context_ptr& api, const call_ptr& c) {
  const auto render = [api](const std::vector<worker_status>& workers) {
    return make_json(200, render_workers(workers, api->now()));
  };
  api->actors.ask_supervisor<std::vector<worker_status>>(
      milliseconds{0}, answering(c, render), workers_atom_v
  );
}

void show_tree(const context_ptr& api, const call_ptr& c) {
  const auto render = [api](const tree_status& tree) {
    return make_json(200, render_tree(tree, api->now()));
  };
  api->actors.ask_supervisor<tree_status>(milliseconds{0}, answering(c, render), tree_atom_v);
}

void show_provider(const context_ptr& api, const call_ptr& c) {
  const auto render = [](const provider_status& status) {
    return make_json(200, render_provider(status));
  };
  api->actors.ask<provider_status>(&directory::limits, answering(c, render), status_atom_v);
}

void show_costs(const context_ptr& api, const call_ptr& c) {
  const auto render = [](const spending_report& report) {
    return make_json(200, render_spending(report));
  };
  api->actors.ask<spending_report>(&directory::limits, answering(c, render), spending_atom_v);
}

/// Makes an actor fail, or hang, where the configuration allows such a thing at all.
void inject_fault(const context_ptr& api, const call_ptr& c) {
  if (auto refusal = check_json_body(c->req)) {
    c->to->send(std::move(*refusal));
    return;
  }
  std::vector<field_problem> problems;
  const auto json = adapters::parse_json(c->req.body);
  if (!json) {
    c->to->send(invalid_answer({{"body", json.error().message}}));
    return;
  }
  json_fields body{*json, "", problems};
  const auto name = body.text("actor", json_fields::presence::required);
  const auto hang_for = body.duration("hangFor", milliseconds{0}, longest_hang);
  body.refuse_others();
  if (!problems.empty()) {
    c->to->send(invalid_answer(problems));
    return;
  }
  const auto render = [api, actor = *name](unit_value) {
    auto answer = make_json(200, render_message("the actor was made to fail", api->now()));
    answer.target = actor;
    return answer;
  };
  api->actors.ask_supervisor<unit_value>(
      milliseconds{0}, answering(c, render), fault_atom_v, *name, hang_for.value_or(milliseconds{0})
  );
}

}  // namespace

void add_worker_routes(router& to, const context_ptr& api) {
  to.add("POST", "/worker/start", with(api, start));
  to.add("POST", "/worker/stop", with(api, stop));
  to.add("GET", "/worker/status", with(api, show_status));
  to.add("GET", "/worker/stats", with(api, show_stats));
  to.add("GET", "/worker/health", with(api, show_health));
  to.add("GET", "/worker/workers", with(api, show_workers));
  to.add("GET", "/worker/tree", with(api, show_tree));
  to.add("GET", "/worker/provider", with(api, show_provider));
  to.add("GET", "/worker/costs", with(api, show_costs));
  to.add("POST", "/worker/chaos/fault", with(api, inject_fault));
}

}  // namespace stayler::http
