// SPDX-License-Identifier: MIT

// /worker/config

#include "adapters/json/json_writer.hpp"
#include "http/api/json/config_json.hpp"
#include "http/api/routes/routes.hpp"

namespace stayler::http {

namespace {

void show(const context_ptr& api, const call_ptr& c) {
  const auto render = [](const settings& current) {
    return make_json(200, render_settings(current));
  };
  api->actors.ask_supervisor<settings>(milliseconds{0}, answering(c, render), settings_atom_v);
}

response render_update(const settings_update& update, timestamp now) {
  if (!update.problems.empty()) {
    return invalid_answer(update.problems);
  }
  adapters::json_writer json;
  json.begin_object().field("message", "the configuration has been updated");
  json.key("config").raw(render_settings(update.effective));
  json.field("timestamp", to_rfc3339(now)).end_object();
  return make_json(200, std::move(json).text());
}

std::string names_of(const std::vector<settings_change>& changes) {
  std::string names;
  for (const auto& each : changes) {
    names.append(names.empty() ? "" : ",").append(each.name);
  }
  return names;
}

void change(const context_ptr& api, const call_ptr& c) {
  if (auto refusal = check_json_body(c->req)) {
    c->to->send(std::move(*refusal));
    return;
  }
  auto parsed = parse_changes(c->req.body);
  if (!parsed.problems.empty()) {
    c->to->send(invalid_answer(parsed.problems));
    return;
  }
  const auto on_update = [api, c,
                          names = names_of(parsed.changes)](const result<settings_update>& update) {
    if (!update) {
      c->to->send(failure_answer(update.error()));
      return;
    }
    auto answer = render_update(*update, api->now());
    if (update->problems.empty()) {
      api->actors.run([effective = update->effective](bridge_self* self) {
        self->state.config = effective;
      });
      answer.target = names;
    }
    c->to->send(std::move(answer));
  };
  api->actors.ask_supervisor<settings_update>(
      milliseconds{0}, on_update, settings_atom_v, std::move(parsed.changes)
  );
}

}  // namespace

void add_config_routes(router& to, const context_ptr& api) {
  to.add("GET", "/worker/config", with(api, show));
  to.add("PUT", "/worker/config", with(api, change));
}

}  // namespace stayler::http
