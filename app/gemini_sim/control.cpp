// SPDX-License-Identifier: MIT
#include "app/gemini_sim/control.hpp"

#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"
#include "messages/base/duration.hpp"

#include <array>
#include <string>
#include <utility>

namespace stayler::sim {

using adapters::json_value;
using adapters::json_writer;

namespace {

failure bad_request(std::string message) {
  return {error_class::invalid_input, std::move(message)};
}

/// Sets one member of an order; says which value would have been right where it cannot.
void_result read_member(
    const std::string& name, const json_value& value, fault_order& order, milliseconds& duration
) {
  const auto* text = value.as<std::string>();
  const auto* number = value.as<std::int64_t>();
  const auto* flag = value.as<bool>();
  if (name == "kind" && text != nullptr) {
    auto parsed = parse_fault(*text);
    if (!parsed) {
      return parsed.error();
    }
    parsed->retry_delay = order.what.retry_delay;
    order.what = *std::move(parsed);
  } else if (name == "count" && number != nullptr && *number >= 0) {
    order.count = static_cast<std::size_t>(*number);
  } else if ((name == "retryDelay" || name == "duration") && text != nullptr) {
    const auto parsed = parse_duration(*text);
    if (!parsed) {
      return parsed.error();
    }
    if (name == "duration") {
      duration = *parsed;
    } else {
      order.what.retry_delay = *parsed;
    }
  } else if (name == "model" && text != nullptr) {
    order.model = *text;
  } else if (name == "promptContains" && text != nullptr) {
    order.prompt_contains = *text;
  } else if (name == "allCalls" && flag != nullptr) {
    order.all_calls = *flag;
  } else {
    return bad_request(
        '"' + name + "\" is not understood; there are kind, count (0: until deleted), retryDelay, "
                     "duration, model, promptContains, allCalls"
    );
  }
  return ok();
}

result<fault_order> parse_order(std::string_view body) {
  const auto root = adapters::parse_json(body);
  if (!root) {
    return root.error();
  }
  const auto* members = root->as<json_value::object>();
  if (members == nullptr) {
    return bad_request("expected an object such as {\"kind\": \"503\", \"count\": 2}");
  }
  fault_order order;
  milliseconds duration{0};
  for (const auto& [name, value] : *members) {
    if (const auto read = read_member(name, value, order, duration); !read) {
      return read.error();
    }
  }
  if (order.what.kind == nullptr) {
    return bad_request("\"kind\" is missing");
  }
  if (duration.count() != 0) {
    order.what.duration = duration;
  }
  return order;
}

std::string orders_to_json(const fault_plan& plan) {
  json_writer json;
  json.begin_object().key("faults").begin_array();
  for (const auto& order : plan.orders()) {
    json.begin_object().field("kind", order.what.kind->name).field("count", order.count);
    json.field("model", order.model).field("promptContains", order.prompt_contains);
    json.field("allCalls", order.all_calls).end_object();
  }
  json.end_array().end_object();
  return std::move(json).text();
}

http::response add_fault(sim_state& state, const http::request& request) {
  auto order = parse_order(request.body);
  if (!order) {
    return http::make_problem(400, "Bad request", order.error().message);
  }
  state.faults.add(*std::move(order));
  return http::make_json(200, orders_to_json(state.faults));
}

http::response list_faults(sim_state& state, const http::request&) {
  return http::make_json(200, orders_to_json(state.faults));
}

http::response clear_faults(sim_state& state, const http::request&) {
  state.faults.clear();
  return http::make_json(200, orders_to_json(state.faults));
}

http::response show_stats(sim_state& state, const http::request&) {
  return http::make_json(200, state.log.stats_to_json(state.pictures.counts()));
}

http::response show_calls(sim_state& state, const http::request&) {
  return http::make_json(200, state.log.calls_to_json());
}

http::response reset_all(sim_state& state, const http::request&) {
  state.faults.reset();
  state.limits.reset();
  state.log.reset();
  return http::make_json(200, "{}");
}

struct control_route {
  std::string_view method;
  std::string_view path;
  http::response (*answer)(sim_state& state, const http::request& request);
};

constexpr std::array<control_route, 6> routes{{
    {"POST", "/sim/faults", add_fault},
    {"GET", "/sim/faults", list_faults},
    {"DELETE", "/sim/faults", clear_faults},
    {"GET", "/sim/stats", show_stats},
    {"GET", "/sim/calls", show_calls},
    {"POST", "/sim/reset", reset_all},
}};

}  // namespace

bool is_control_path(std::string_view path) noexcept {
  return path.starts_with("/sim/");
}

http::response control(sim_state& state, const http::request& request) {
  for (const auto& route : routes) {
    if (route.method == request.method && route.path == request.path) {
      return route.answer(state, request);
    }
  }
  return http::make_problem(
      404, "Not found", "no such control: " + request.method + ' ' + request.path
  );
}

}  // namespace stayler::sim
