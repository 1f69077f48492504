// SPDX-License-Identifier: MIT

// /worker/overview

#include "http/api/routes/routes.hpp"
#include "messages/base/duration.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace stayler::http {

namespace {

using policies::overview_series;

constexpr std::chrono::seconds shortest_window{10};

/// On the bridge's actor: a thousand points take milliseconds to render.
void send_overview(
    const context_ptr& api, const exchange_ptr& exchange, std::chrono::seconds window
) {
  api->actors.run([api, exchange, window](bridge_self*) {
    guarded([&] {
      auto shown = exchange->caller.is_limited() ? api->overview->render_limited()
                                                 : api->overview->render(window);
      exchange->send(
          shown.empty() ? failure_answer(bridge::unavailable()) : make_json(200, std::move(shown))
      );
    });
  });
}

void get_overview(const context_ptr& api, const exchange_ptr& exchange) {
  const auto text = exchange->request.parameter("window").value_or("15m");
  const auto window = parse_duration(text);
  if (!window) {
    exchange->send(invalid_answer({{"window", window.error().message}}));
  } else if (*window < shortest_window || *window > overview_series::span_of_minutes) {
    exchange->send(invalid_answer(
        {{"window", "must be from " + format_duration(shortest_window) + " to "
                        + format_duration(overview_series::span_of_minutes) + ", not "
                        + std::string{text}}}
    ));
  } else {
    send_overview(api, exchange, std::chrono::floor<std::chrono::seconds>(*window));
  }
}

}  // namespace

void add_overview_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/overview", bind_context(api, get_overview));
}

}  // namespace stayler::http
