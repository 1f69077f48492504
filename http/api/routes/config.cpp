// SPDX-License-Identifier: MIT

// /worker/config

#include "adapters/config/option_table.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/json/json_writer.hpp"
#include "http/api/json/worker/config_json.hpp"
#include "http/api/routes/routes.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace stayler::http {

namespace {

void get_config(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [](const settings& current) {
    return make_json(200, render_settings(current));
  };
  api->actors.ask_supervisor<settings>(
      milliseconds{0}, respond_with(exchange, render), settings_atom_v
  );
}

void get_schema(const context_ptr& api, const exchange_ptr& exchange) {
  const auto render = [](const settings& current) {
    return make_json(200, render_settings_schema(current));
  };
  api->actors.ask_supervisor<settings>(
      milliseconds{0}, respond_with(exchange, render), settings_atom_v
  );
}

/// What would become of the settings, by the rules by which the supervisor changes them.
void preview_config(
    const context_ptr& api,
    const exchange_ptr& exchange,
    const std::vector<settings_change>& changes
) {
  const auto on_settings = [api, exchange, changes](const result<settings>& current) {
    if (!current) {
      exchange->send(failure_answer(current.error()));
      return;
    }
    const auto update = adapters::apply_changes(*current, changes);
    exchange->responder->set_details("a dry run");
    exchange->send(
        update.problems.empty()
            ? make_json(200, render_settings_preview(*current, update.effective, api->now()))
            : invalid_answer(update.problems)
    );
  };
  api->actors.ask_supervisor<settings>(milliseconds{0}, on_settings, settings_atom_v);
}

response render_update(const settings& effective, timestamp now) {
  adapters::json_writer json;
  json.begin_object().field("message", "the configuration has been updated");
  json.key("config").raw(render_settings(effective));
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

std::string shown(const adapters::option& which, const settings& from) {
  const auto value = shown_value(which, from);
  return value.empty() ? "(empty)" : value;
}

/// "maxWorkers: 5 -> 2, gemini.apiKey: *** -> ***".
std::string describe(
    const std::vector<settings_change>& changes, const settings& before, const settings& after
) {
  std::string text;
  for (const auto& each : changes) {
    if (const auto* which = adapters::find_option_by_json_name(each.name)) {
      text.append(text.empty() ? "" : ", ").append(each.name).append(": ");
      text.append(shown(*which, before)).append(" -> ").append(shown(*which, after));
    }
  }
  return text;
}

/// What was meant as a trial must not change anything: also `dryrun`, and one said twice, are
/// refused.
std::vector<field_problem> problems_with_query(const request& req) {
  std::vector<field_problem> problems;
  for (const auto& [name, value] : req.query) {
    if (name != "dryRun") {
      problems.push_back({name, "is not known; allowed: dryRun"});
    } else if (req.query.size() > 1 || (value != "true" && value != "false")) {
      problems.push_back({name, "must be true or false, once"});
    }
  }
  return problems;
}

void put_config(const context_ptr& api, const exchange_ptr& exchange) {
  auto parsed = parse_changes(exchange->request.body);
  std::ranges::move(problems_with_query(exchange->request), std::back_inserter(parsed.problems));
  const auto dry_run = exchange->request.parameter("dryRun").value_or("false");
  if (!parsed.problems.empty()) {
    exchange->send(invalid_answer(parsed.problems));
    return;
  }
  if (dry_run == "true") {
    preview_config(api, exchange, parsed.changes);
    return;
  }
  const auto on_update = [api, exchange,
                          changes = parsed.changes](const result<settings_update>& update) {
    if (!update) {
      exchange->send(failure_answer(update.error()));
      return;
    }
    if (!update->problems.empty()) {
      exchange->send(invalid_answer(update->problems));
      return;
    }
    api->actors.run([api, exchange, changes, effective = update->effective](bridge_self* self) {
      exchange->responder->set_target(names_of(changes));
      exchange->responder->set_details(describe(changes, self->state.config, effective));
      self->state.config = effective;
      exchange->send(render_update(effective, api->now()));
    });
  };
  api->actors.ask_supervisor<settings_update>(
      milliseconds{0}, on_update, settings_atom_v, std::move(parsed.changes)
  );
}

}  // namespace

void add_config_routes(router& routes, const context_ptr& api) {
  routes.add("GET", "/worker/config", bind_context(api, get_config));
  routes.add("GET", "/worker/config/schema", bind_context(api, get_schema));
  routes.add("PUT", "/worker/config", require_json(bind_context(api, put_config)));
}

}  // namespace stayler::http
