// SPDX-License-Identifier: MIT
#include "actors/nodes/node_gateway.hpp"

#include "actors/nodes/remote_worker.hpp"
#include "actors/supervision/supervised.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::nodes};

constexpr std::uint32_t most_slots = 10'000;

constexpr milliseconds queue_timeout{30'000};

}  // namespace

void node_gateway_state::begin(pointer self, node_gateway_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  last_look_ = self->clock().now();
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { link_down(down); });
  self->delayed_send(self, options_.look_interval, caf::tick_atom_v);
  tell_metrics({});
}

failure node_gateway_state::objection(const node_hello& hello) const {
  if (hello.protocol != node_protocol || hello.version != options_.version) {
    return {
        error_class::conflict,
        "the node is version " + hello.version + ", protocol " + std::to_string(hello.protocol)
            + "; this coordinator is version " + options_.version + ", protocol "
            + std::to_string(node_protocol) + ": both have to be the same",
        {}};
  }
  if (!is_node_name(hello.name)) {
    return {error_class::conflict, "the node's name is not one", {}};
  }
  if (hello.slots < 1 || hello.slots > most_slots || hello.attempts.size() > hello.slots) {
    return {
        error_class::conflict,
        "a node has 1 to " + std::to_string(most_slots) + " slots, not "
            + std::to_string(hello.slots),
        {}};
  }
  const auto known = nodes_.find(hello.name);
  if (known != nodes_.end() && known->second.hello.incarnation != hello.incarnation) {
    return {
        error_class::conflict,
        "another node has the name " + hello.name
            + ", and is there; a node that was lost frees its name in "
            + format_duration(options_.lease / 3) + " at most",
        {}};
  }
  return {};
}

caf::result<node_welcome, caf::actor> node_gateway_state::take_in(
    node_hello& hello, const caf::actor& link
) {
  if (const failure why = objection(hello)) {
    log.warning("a node was refused", {{"node", hello.name}, {"reason", why.message}});
    tell_metrics({0, 0, 0, 1, 0});
    return to_error(why);
  }
  node& entry = nodes_[hello.name];
  const auto before = std::exchange(entry.slots, {});
  entry.hello = std::move(hello);
  renew_link(entry, link);
  const auto under_way = std::make_shared<admission>();
  under_way->answer = self_->make_response_promise<node_welcome, caf::actor>();
  under_way->incarnation = entry.hello.incarnation;
  for (const node_attempt& held : entry.hello.attempts) {
    const auto predecessor = before.find(held.slot);
    adopt(
        entry, held, predecessor == before.end() ? worker_actor{} : predecessor->second, under_way
    );
  }
  for (const auto& [slot, worker] : before) {
    if (entry.slots.count(slot) == 0) {
      end_worker(worker, {});
    }
  }
  conclude_one(under_way);
  return caf::delegated<node_welcome, caf::actor>{};
}

void node_gateway_state::renew_link(node& of, const caf::actor& link) {
  if (of.link) {
    self_->demonitor(of.link.address());
  }
  of.link = caf::actor_cast<node_link_actor>(link);
  of.heard = self_->clock().now();
  self_->monitor(of.link);
}

void node_gateway_state::conclude_one(const admission_ptr& under_way) {
  if (--under_way->open > 0) {
    return;
  }
  const auto joined = find(under_way->incarnation);
  if (under_way->trouble || joined == nodes_.end()) {
    if (joined != nodes_.end()) {
      forget(joined, {});
    }
    const failure lost{error_class::unavailable, "the node was lost while it joined", {}};
    under_way->answer.deliver(under_way->trouble ? under_way->trouble : to_error(lost));
    return;
  }
  log.info(
      "a node has joined", {{"node", joined->first},
                            {"slots", joined->second.hello.slots},
                            {"attempts", joined->second.slots.size()}}
  );
  tell_metrics({0, 1, 0, 0, 0});
  under_way->answer.deliver(
      node_welcome{options_.coordinator, options_.lease, options_.ping_interval},
      caf::actor_cast<caf::actor>(self_)
  );
}

node_gateway_state::nodes::iterator node_gateway_state::find(const uuid& incarnation) {
  return std::ranges::find_if(nodes_, [&](const auto& entry) {
    return entry.second.hello.incarnation == incarnation;
  });
}

worker_actor node_gateway_state::make_worker(
    const node& of, const std::string& slot, bool is_adopted
) {
  remote_worker_options options;
  options.worker_id = remote_worker_id(of.hello.name, slot);
  options.slot = slot;
  options.queue = options_.queue;
  options.link = of.link;
  options.gateway = node_gateway_actor{self_};
  options.job_timeout = options_.config.job_timeout;
  options.is_adopted = is_adopted;
  return self_->spawn(remote_worker, std::move(options));
}

void node_gateway_state::adopt(
    node& by,
    const node_attempt& held,
    const worker_actor& predecessor,
    const admission_ptr& under_way
) {
  const worker_actor worker = make_worker(by, held.slot, true);
  by.slots[held.slot] = worker;
  ++under_way->open;
  const std::string worker_id = remote_worker_id(by.hello.name, held.slot);
  self_->request(options_.queue, queue_timeout, adopt_atom_v, worker_id, worker, held.attempt)
      .then(
          [=, this](unit_value) {
            end_worker(predecessor, {});
            tell_metrics({0, 0, 0, 0, 1});
            conclude_one(under_way);
          },
          [=, this](const caf::error& why) {
            end_worker(predecessor, {});
            refuse_attempt(held, worker, under_way, why);
            conclude_one(under_way);
          }
      );
}

void node_gateway_state::refuse_attempt(
    const node_attempt& held,
    const worker_actor& worker,
    const admission_ptr& under_way,
    const caf::error& why
) {
  end_worker(worker, {});
  const error_class kind = to_failure(why).kind;
  if (kind != error_class::conflict && kind != error_class::not_found) {
    under_way->trouble = why;
    return;
  }
  const auto by = find(under_way->incarnation);
  if (by == nodes_.end() || by->second.slots[held.slot] != worker) {
    return;
  }
  log.info(
      "an attempt of a node is not gone on with", {{"node", by->first},
                                                   {"jobId", held.attempt.job},
                                                   {"attempt", held.attempt.token},
                                                   {"reason", describe(why)}}
  );
  by->second.slots.erase(held.slot);
  self_->send(by->second.link, drop_atom_v, held.attempt);
}

void node_gateway_state::end_worker(const worker_actor& worker, const failure& why) {
  if (!worker) {
    return;
  }
  if (why) {
    self_->send_exit(worker, to_error(why));
  } else {
    self_->send_exit(worker, caf::exit_reason::user_shutdown);
  }
}

void node_gateway_state::slot_joined(const uuid& incarnation, const std::string& slot) {
  const auto of = find(incarnation);
  if (of == nodes_.end() || of->second.slots.size() >= of->second.hello.slots
      || !is_node_name(slot)) {
    return;
  }
  worker_actor& worker = of->second.slots[slot];
  if (!worker) {
    worker = make_worker(of->second, slot, false);
  }
}

void node_gateway_state::slot_left(
    const uuid& incarnation, const std::string& slot, const failure& why
) {
  const auto of = find(incarnation);
  if (of == nodes_.end()) {
    return;
  }
  if (const auto left = of->second.slots.extract(slot)) {
    end_worker(left.mapped(), why);
  }
}

void node_gateway_state::drain(const uuid& incarnation) {
  const auto leaving = find(incarnation);
  if (leaving == nodes_.end()) {
    return;
  }
  log.info("a node takes no more jobs", {{"node", leaving->first}});
  for (const auto& [slot, worker] : leaving->second.slots) {
    self_->send(worker, retire_atom_v);
  }
}

unit_value node_gateway_state::leave(const uuid& incarnation) {
  const auto leaving = find(incarnation);
  if (leaving != nodes_.end()) {
    log.info("a node has left", {{"node", leaving->first}});
    forget(leaving, {});
    tell_metrics({});
  }
  return {};
}

caf::result<unit_value> node_gateway_state::hear(const uuid& incarnation) {
  const auto from = find(incarnation);
  if (from == nodes_.end()) {
    return to_error({error_class::conflict, "the node has not joined, or was given up", {}});
  }
  from->second.heard = self_->clock().now();
  return unit_value{};
}

void node_gateway_state::change_settings(settings& changed) {
  options_.config = std::move(changed);
  for (const auto& [node_name, one] : nodes_) {
    for (const auto& [slot, worker] : one.slots) {
      self_->send(worker, settings_atom_v, options_.config);
    }
  }
}

void node_gateway_state::look_for_silent() {
  self_->delayed_send(self_, options_.look_interval, caf::tick_atom_v);
  const clock_time now = self_->clock().now();
  // Where this process itself has slept, what the nodes have said lies in the mailbox behind this.
  const bool has_slept = now - std::exchange(last_look_, now) > 2 * options_.look_interval;
  for (auto one = nodes_.begin(); one != nodes_.end();) {
    const auto next = std::next(one);
    if (has_slept) {
      one->second.heard = now;
    } else if (now - one->second.heard > options_.lease / 3) {
      give_up(one, "it has been silent for " + format_duration(options_.lease / 3));
    }
    one = next;
  }
}

void node_gateway_state::link_down(const caf::down_msg& down) {
  const auto lost = std::ranges::find_if(nodes_, [&](const auto& entry) {
    return entry.second.link.address() == down.source;
  });
  if (lost != nodes_.end()) {
    give_up(lost, "its connection broke");
  }
}

void node_gateway_state::give_up(nodes::iterator lost, const std::string& why) {
  log.warning("a node is lost", {{"node", lost->first}, {"reason", why}});
  const std::string message = "node " + lost->first + " is lost: " + why;
  forget(lost, {error_class::worker_lost, message, {}});
  tell_metrics({0, 0, 1, 0, 0});
}

void node_gateway_state::forget(nodes::iterator gone, const failure& why) {
  self_->demonitor(gone->second.link.address());
  for (const auto& [slot, worker] : gone->second.slots) {
    end_worker(worker, why);
  }
  nodes_.erase(gone);
}

void node_gateway_state::tell_metrics(node_report news) {
  news.connected = static_cast<std::uint32_t>(nodes_.size());
  self_->send(options_.metrics, news);
}

node_gateway_impl::behavior_type node_gateway(
    node_gateway_state::pointer self, node_gateway_options options
) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  const auto& peers = state.options();
  return {
      [&state](join_atom, node_hello& hello, const caf::actor& link) {
        return state.take_in(hello, link);
      },
      [&state](join_atom, const uuid& node, const std::string& slot) {
        state.slot_joined(node, slot);
      },
      [&state](leave_atom, const uuid& node, const std::string& slot, const failure& why) {
        state.slot_left(node, slot, why);
      },
      [&state](drain_atom, const uuid& node) { state.drain(node); },
      [&state](leave_atom, const uuid& node) { return state.leave(node); },
      [&state](caf::ping_atom, const uuid& node) { return state.hear(node); },
      [&state](settings_atom, settings& changed) { state.change_settings(changed); },
      [&state](caf::tick_atom) { state.look_for_silent(); },
      [self, &peers](renew_atom what, const attempt_id& attempt) {
        return self->delegate(peers.queue, what, attempt);
      },
      [self, &peers](report_atom what, const attempt_id& attempt, const job_progress& progress) {
        return self->delegate(peers.queue, what, attempt, progress);
      },
      [self, &peers](open_call_atom what, const attempt_id& attempt) {
        return self->delegate(peers.queue, what, attempt);
      },
      [self, &peers](
          settle_call_atom what, const attempt_id& attempt, const call_settlement& settlement
      ) { return self->delegate(peers.queue, what, attempt, settlement); },
      [self, &peers](finish_atom what, const attempt_id& attempt, const attempt_outcome& outcome) {
        return self->delegate(peers.queue, what, attempt, outcome);
      },
      [self, &peers](record_atom what, const conversion_update& update) {
        return self->delegate(peers.records, what, update);
      },
      [self, &peers](fetch_atom what, const std::string& conversion) {
        return self->delegate(peers.records, what, conversion);
      },
      [self, &peers](record_atom what, const image_record& row) {
        return self->delegate(peers.records, what, row);
      },
      [self, &peers](find_atom what, const std::string& image) {
        return self->delegate(peers.records, what, image);
      },
      [self, &peers](remove_atom what, const std::string& image) {
        return self->delegate(peers.records, what, image);
      },
      [self, &peers](notify_atom what, const notification& event) {
        return self->delegate(peers.notifier, what, event);
      },
      // Delegated: who holds a permit is the node's link, and its end takes the permit back.
      [self, &peers](admit_atom what, const call_request& call) {
        return self->delegate(peers.limits, what, call);
      },
      [self, &peers](settle_atom what, const call_outcome& outcome) {
        self->send(peers.limits, what, outcome);
      },
      [self, &peers](abort_atom what, const attempt_id& attempt) {
        self->send(peers.limits, what, attempt);
      },
  };
}

}  // namespace stayler::actors
