// SPDX-License-Identifier: MIT

// How a node joins: who it is, which attempts it brings with it, and what becomes of them.

#include "actors/nodes/node_gateway.hpp"
#include "actors/nodes/remote_worker.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/duration.hpp"
#include "messages/service/quarantine.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace stayler::actors {

namespace {

using adapters::logs::nodes::log;

constexpr std::uint32_t most_slots = 10'000;

constexpr milliseconds adoption_timeout{30'000};

constexpr milliseconds identity_timeout{10'000};

failure other_protocol(const node_hello& hello, const std::string& own_version) {
  const std::string spoken =
      oldest_node_protocol == node_protocol
          ? fmt::format("protocol {}", node_protocol)
          : fmt::format("protocols {} to {}", oldest_node_protocol, node_protocol);
  return {
      error_class::conflict,
      fmt::format(
          "the node is version {} and speaks protocol {}; this coordinator is version {} and "
          "speaks {}: update the {}",
          hello.version, hello.protocol, own_version, spoken,
          hello.protocol > node_protocol ? "coordinator" : "node"
      )};
}

}  // namespace

failure node_gateway_state::reason_to_refuse(const node_hello& hello) const {
  // Not by their versions: releases of one protocol understand each other.
  if (hello.protocol < oldest_node_protocol || hello.protocol > node_protocol) {
    return other_protocol(hello, options_.version);
  }
  if (!is_node_name(hello.name)) {
    return {error_class::conflict, "the node's name is not one"};
  }
  if (!may_be_called(hello.name)) {
    return {
        error_class::conflict,
        fmt::format("names that end with {} are not for nodes", quarantine_suffix)};
  }
  if (hello.slots < 1 || hello.slots > most_slots) {
    return {
        error_class::conflict,
        fmt::format("a node has 1 to {} slots, not {}", most_slots, hello.slots)};
  }
  if (hello.attempts.size() > hello.slots) {
    return {
        error_class::conflict,
        fmt::format(
            "a node of {} slots cannot hold {} attempts", hello.slots, hello.attempts.size()
        )};
  }
  const auto known = nodes_.find(hello.name);
  if (known != nodes_.end() && known->second.hello.instance_id != hello.instance_id) {
    return {
        error_class::conflict,
        fmt::format(
            "another node has the name {}, and is there; a node that was lost frees its name in {} "
            "at most",
            hello.name, format_duration(options_.lease / 3)
        )};
  }
  return {};
}

bool node_gateway_state::may_be_called(const std::string& wanted) const {
  if (!is_quarantine(wanted)) {
    return true;
  }
  const auto known =
      options_.quarantines ? options_.quarantines->names() : std::vector<std::string>{};
  return std::ranges::find(known, wanted) != known.end();
}

caf::result<node_welcome, caf::actor> node_gateway_state::join(
    node_hello& hello, const caf::actor& link
) {
  const auto pending = std::make_shared<pending_join>();
  pending->promise = self_->make_response_promise<node_welcome, caf::actor>();
  pending->hello = std::move(hello);
  pending->link = link;
  if (!link || !options_.identities) {
    link ? take_in(pending) : refuse(pending, {error_class::conflict, "the node has no link"});
    return caf::delegated<node_welcome, caf::actor>{};
  }
  self_
      ->request(
          options_.identities, identity_timeout, find_atom_v, link.node(), pending->hello.name
      )
      .then(
          [this, pending](unit_value) { take_in(pending); },
          [this, pending](const caf::error& why) { refuse(pending, to_failure(why)); }
      );
  return caf::delegated<node_welcome, caf::actor>{};
}

void node_gateway_state::refuse(const pending_join_ptr& pending, const failure& why) {
  log.warning("a node was refused", {{"node", pending->hello.name}, {"reason", why.message}});
  report_metrics({}, {.refused = 1});
  pending->promise.deliver(to_error(why));
}

void node_gateway_state::take_in(const pending_join_ptr& pending) {
  if (const failure why = reason_to_refuse(pending->hello)) {
    refuse(pending, why);
    return;
  }
  node& entry = nodes_[pending->hello.name];
  const auto before = std::exchange(entry.slots, {});
  give_permits_back(entry);
  entry.attempts = {};
  entry.hello = pending->hello;
  set_link(entry, pending->link);
  for (const node_attempt& held : entry.hello.attempts) {
    const auto found = before.find(held.slot);
    adopt(entry, held, found == before.end() ? worker_actor{} : found->second, pending);
  }
  for (const auto& [slot, worker] : before) {
    if (entry.slots.count(slot) == 0) {
      end_worker(worker, {});
    }
  }
  on_decided(pending);
}

void node_gateway_state::set_link(node& of, const caf::actor& link) {
  if (of.link) {
    self_->demonitor(of.link.address());
  }
  of.link = caf::actor_cast<node_link_actor>(link);
  of.last_seen = self_->clock().now();
  self_->monitor(of.link);
}

void node_gateway_state::adopt(
    node& by,
    const node_attempt& held,
    const worker_actor& predecessor,
    const pending_join_ptr& pending
) {
  const worker_actor worker = make_worker(by, held.slot, true);
  by.slots[held.slot] = worker;
  ++pending->undecided;
  const std::string worker_id = remote_worker_id(by.hello.name, held.slot);
  self_->request(options_.queue, adoption_timeout, adopt_atom_v, worker_id, worker, held.attempt)
      .then(
          [=, this](unit_value) {
            end_worker(predecessor, {});
            on_adopted(held, pending);
            on_decided(pending);
          },
          [=, this](const caf::error& error) {
            end_worker(predecessor, {});
            on_not_adopted(held, worker, pending, error);
            on_decided(pending);
          }
      );
}

void node_gateway_state::on_adopted(const node_attempt& held, const pending_join_ptr& pending) {
  report_metrics(pending->hello.name, {.adopted = 1});
  if (const auto by = find(pending->hello.instance_id); by != nodes_.end()) {
    by->second.attempts.begin(held.slot, held.attempt);
  }
}

void node_gateway_state::on_not_adopted(
    const node_attempt& held,
    const worker_actor& worker,
    const pending_join_ptr& pending,
    const caf::error& error
) {
  end_worker(worker, {});
  const error_class kind = to_failure(error).kind;
  if (kind != error_class::conflict && kind != error_class::not_found) {
    pending->error = error;
    return;
  }
  const auto by = find(pending->hello.instance_id);
  if (by == nodes_.end()) {
    return;
  }
  const auto slot = by->second.slots.find(held.slot);
  if (slot == by->second.slots.end() || slot->second != worker) {
    return;
  }
  log.info(
      "an attempt of a node is not gone on with", {{"node", by->first},
                                                   {"jobId", held.attempt.job},
                                                   {"attempt", held.attempt.token},
                                                   {"reason", describe(error)}}
  );
  by->second.slots.erase(held.slot);
  self_->send(by->second.link, drop_atom_v, held.attempt);
}

void node_gateway_state::on_decided(const pending_join_ptr& pending) {
  if (--pending->undecided > 0) {
    return;
  }
  const auto joined = find(pending->hello.instance_id);
  if (pending->error || joined == nodes_.end()) {
    if (joined != nodes_.end()) {
      remove(joined, {});
    }
    const failure lost{error_class::unavailable, "the node was lost while it joined"};
    pending->promise.deliver(pending->error ? pending->error : to_error(lost));
    return;
  }
  log.info(
      "a node has joined", {{"node", joined->first},
                            {"version", joined->second.hello.version},
                            {"slots", joined->second.hello.slots},
                            {"attempts", joined->second.slots.size()}}
  );
  report_metrics(joined->first, {.joined = 1});
  pending->promise.deliver(
      node_welcome{options_.coordinator, options_.lease, options_.ping_interval},
      caf::actor_cast<caf::actor>(self_)
  );
}

}  // namespace stayler::actors
