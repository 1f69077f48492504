// SPDX-License-Identifier: MIT
#pragma once

// A supervisor with a small tree of fakes, which write into one diary what happens to them.

#include "actors/supervision/supervisor.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stayler::test {

using lines = std::vector<std::string>;

struct diary {
  std::vector<std::string> lines;
  std::map<std::string, caf::actor> running;  ///< by name
  bool holds_drain = false;                   ///< the fake queue keeps its drain open
  std::set<std::string> stuck;                ///< children that never do anything
  std::vector<settings> settings_seen;

  void note(std::string line) { lines.push_back(std::move(line)); }
};

using diary_ptr = std::shared_ptr<diary>;

class supervisor_fixture : public fixture {
 public:
  supervisor_fixture();
  ~supervisor_fixture();

  template <class Handle>
  actors::child_spec core(
      const std::string& child,
      std::vector<std::string> depends_on,
      Handle actors::directory::*entry,
      bool flush_first = false
  ) {
    actors::child_spec spec;
    spec.name = child;
    spec.depends_on = std::move(depends_on);
    spec.flush_first = flush_first;
    spec.dispatches = child == "queue";
    spec.takes_settings =
        std::set<std::string>{"gemini", "notifier", "queue", "retries"}.contains(child);
    spec.start = [this, child,
                  entry](caf::actor_system&, actors::directory& peers, const settings&) {
      caf::actor started_child = start_child(child);
      peers.*entry = caf::actor_cast<Handle>(started_child);
      peers.dispatch = peers.queue;
      return started_child;
    };
    return spec;
  }

  caf::actor start_child(const std::string& child);

  void start();

  /// What happened since the last look, without the restart counts.
  std::vector<std::string> happened();

  static std::size_t place(const std::vector<std::string>& all, const std::string& line);

  void crash(const std::string& child) { kill(seen->running[child]); }

  diary_ptr seen = std::make_shared<diary>();
  actors::supervisor_options options;
  actors::supervisor_impl supervisor;
  std::vector<std::string> started;
};

}  // namespace stayler::test
