// SPDX-License-Identifier: MIT
#include "tests/actors/supervision/supervisor_fixture.hpp"

#include "actors/supervision/supervised.hpp"

#include <algorithm>

namespace stayler::test {

namespace {

caf::behavior fake_child(caf::event_based_actor* self, const std::string& child, diary_ptr d) {
  d->note("start " + child);
  actors::install_supervision(self);
  self->attach_functor([d, child] { d->note("end " + child); });
  return {
      [d, child](flush_atom) {
        d->note("flush " + child);
        return unit_value{};
      },
      [d, child](start_atom) {
        d->note("dispatch");
        return unit_value{};
      },
      [self, d, child](drain_atom, milliseconds) -> caf::result<unit_value> {
        d->note("drain");
        if (d->holds_drain) {
          return self->make_response_promise<unit_value>();
        }
        return unit_value{};
      },
      [](status_atom) {
        worker_status shown;
        shown.worker_id = "worker-1";
        return queue_status{service_state::running, {}, {}, {}, {shown}};
      },
      [d, child](settings_atom, const settings& changed) { d->settings_seen.push_back(changed); },
      [self, d, child](retire_atom) {
        d->note("retire " + child);
        self->quit();
      },
      [d, child](const restart_event& event) { d->note("counted " + event.actor); },
      [](const certificate_event&) {},
      [](const http_memory_report&) {},
      [](const tree_report&) {},
  };
}

}  // namespace

supervisor_fixture::supervisor_fixture() {
  options.clock = clock();
  options.config.max_workers = 2;
  options.config.enable_chaos = true;
  options.tree.core = {
      core("metrics", {}, &actors::directory::metrics),
      core("records", {}, &actors::directory::records, true),
      core("library", {"records"}, &actors::directory::library),
      core("gemini", {"metrics"}, &actors::directory::gemini),
      core("queue", {"records", "retries"}, &actors::directory::queue),
  };
  options.tree.core.insert(
      options.tree.core.end() - 1, core("retries", {}, &actors::directory::retries)
  );
  options.tree.core.push_back(core("notifier", {}, &actors::directory::notifier, true));
  options.tree.workers_depend_on = {"library", "queue"};
  options.tree.start_worker =
      [this](caf::actor_system&, const actors::directory&, const settings&, const std::string& id) {
        return start_child(id);
      };
}

supervisor_fixture::~supervisor_fixture() {
  let_stuck_go();
  for (const auto& [child, handle] : seen->running) {
    caf::anon_send_exit(handle, caf::exit_reason::kill);
  }
  seen->running.clear();
  caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  run();
}

caf::actor supervisor_fixture::start_child(const std::string& child) {
  caf::actor handle = system().spawn(fake_child, child, seen);
  if (seen->stuck.count(child) > 0) {
    make_stuck(handle);
  }
  return seen->running[child] = handle;
}

void supervisor_fixture::start() {
  supervisor = spawn(actors::supervisor, options);
  started = seen->lines;
  seen->lines.clear();
}

std::vector<std::string> supervisor_fixture::happened() {
  auto all = std::exchange(seen->lines, {});
  std::erase_if(all, [](const std::string& line) { return line.starts_with("counted"); });
  return all;
}

std::size_t supervisor_fixture::place(
    const std::vector<std::string>& all, const std::string& line
) {
  return static_cast<std::size_t>(std::ranges::find(all, line) - all.begin());
}

}  // namespace stayler::test
