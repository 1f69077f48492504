// SPDX-License-Identifier: MIT
#include "actors/nodes/node_gateway.hpp"

#include "actors/nodes/remote_worker.hpp"
#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/duration.hpp"
#include "messages/service/quarantine.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::nodes::log;

constexpr milliseconds queue_timeout{30'000};

failure not_of_this_node() {
  return {error_class::conflict, "that is not about an attempt that this node holds"};
}

// Whether a node that holds these attempts may say that.

bool may_say(record_atom, const conversion_update& of, const policies::held_attempts& held) {
  return held.holds(of.attempt);
}

bool may_say(record_atom, const image_record& of, const policies::held_attempts& held) {
  return held.holds_picture(of.id);
}

bool may_say(remove_atom, const std::string& image_id, const policies::held_attempts& held) {
  return held.holds_picture(image_id);
}

bool may_say(notify_atom, const notification& of, const policies::held_attempts& held) {
  return held.holds_job(of.job);
}

bool may_say(admit_atom, const call_request& of, const policies::held_attempts& held) {
  return held.holds(of.attempt);
}

bool may_say(settle_atom, const call_outcome& of, const policies::held_attempts& held) {
  return held.holds(of.attempt);
}

template <class Atom>
bool may_say(Atom, const attempt_id& of, const policies::held_attempts& held) {
  return held.holds(of);
}

/// Conversions and rows of images may be read: the nodes have the pictures themselves.
template <class Atom>
bool may_say(Atom, const std::string& /*id*/, const policies::held_attempts& /*held*/) {
  static_assert(std::is_same_v<Atom, fetch_atom> || std::is_same_v<Atom, find_atom>);
  return true;
}

}  // namespace

void node_gateway_state::begin(pointer self, node_gateway_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  last_check_ = self->clock().now();
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { on_link_down(down); }
  );
  self->delayed_send(self, options_.check_interval, check_nodes_atom_v);
  report_metrics({}, {});
}

node_gateway_state::nodes::iterator node_gateway_state::find(const uuid& instance) {
  return std::ranges::find_if(nodes_, [&](const auto& entry) {
    return entry.second.hello.instance_id == instance;
  });
}

const node_gateway_state::node* node_gateway_state::find_sender() const {
  const auto sender = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  const auto found = std::ranges::find_if(nodes_, [&](const auto& entry) {
    return sender && entry.second.link.address() == sender;
  });
  return found == nodes_.end() ? nullptr : &found->second;
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

void node_gateway_state::add_slot(const uuid& instance, const std::string& slot) {
  const auto of = find(instance);
  if (of == nodes_.end() || of->second.slots.size() >= of->second.hello.slots
      || !is_node_name(slot)) {
    return;
  }
  worker_actor& worker = of->second.slots[slot];
  if (!worker) {
    worker = make_worker(of->second, slot, false);
  }
}

void node_gateway_state::remove_slot(
    const uuid& instance, const std::string& slot, const failure& why
) {
  const auto of = find(instance);
  if (of == nodes_.end()) {
    return;
  }
  if (const auto removed = of->second.slots.extract(slot)) {
    of->second.attempts.end_slot(slot);
    end_worker(removed.mapped(), why);
  }
}

void node_gateway_state::begin_attempt(const attempt_id& attempt) {
  const auto sender = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  for (auto& [node_name, one] : nodes_) {
    for (const auto& [slot, worker] : one.slots) {
      if (sender && worker.address() == sender) {
        one.attempts.begin(slot, attempt);
        return;
      }
    }
  }
}

void node_gateway_state::take_back(const uuid& instance, const attempt_id& attempt) {
  const auto from = find(instance);
  if (from != nodes_.end() && from->second.attempts.holds(attempt)) {
    tell(
        options_.queue, finish_atom_v, attempt,
        attempt_outcome{.kind = attempt_outcome_kind::released}
    );
  }
}

void node_gateway_state::drain(const uuid& instance) {
  const auto leaving = find(instance);
  if (leaving == nodes_.end()) {
    return;
  }
  log.info("a node takes no more jobs", {{"node", leaving->first}});
  for (const auto& [slot, worker] : leaving->second.slots) {
    self_->send(worker, retire_atom_v);
  }
}

unit_value node_gateway_state::leave(const uuid& instance) {
  const auto leaving = find(instance);
  if (leaving != nodes_.end()) {
    log.info("a node has left", {{"node", leaving->first}});
    remove(leaving, {});
    report_metrics({}, {});
  }
  return {};
}

caf::result<unit_value> node_gateway_state::on_ping(const uuid& instance) {
  const auto from = find(instance);
  if (from == nodes_.end()) {
    return to_error({error_class::conflict, "the node has not joined, or is taken for lost"});
  }
  from->second.last_seen = self_->clock().now();
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

void node_gateway_state::check_nodes() {
  self_->delayed_send(self_, options_.check_interval, check_nodes_atom_v);
  const clock_time now = self_->clock().now();
  // Where this process itself has slept, the nodes' pings lie in the mailbox behind this message.
  const bool has_slept = now - std::exchange(last_check_, now) > 2 * options_.check_interval;
  for (auto one = nodes_.begin(); one != nodes_.end();) {
    const auto next = std::next(one);
    if (has_slept) {
      one->second.last_seen = now;
    } else if (now - one->second.last_seen > options_.lease / 3) {
      lose(one, "it has been silent for " + format_duration(options_.lease / 3));
    }
    one = next;
  }
}

void node_gateway_state::on_link_down(const caf::down_msg& down) {
  const auto lost = std::ranges::find_if(nodes_, [&](const auto& entry) {
    return entry.second.link.address() == down.source;
  });
  if (lost != nodes_.end()) {
    lose(lost, "its connection broke");
  }
}

void node_gateway_state::lose(nodes::iterator lost, const std::string& why) {
  log.warning("a node is lost", {{"node", lost->first}, {"reason", why}});
  const std::string lost_name = lost->first;
  remove(lost, {error_class::worker_lost, "node " + lost_name + " is lost: " + why});
  report_metrics(lost_name, {.lost = 1});
}

void node_gateway_state::remove(nodes::iterator gone, const failure& why) {
  self_->demonitor(gone->second.link.address());
  give_permits_back(gone->second);
  for (const auto& [slot, worker] : gone->second.slots) {
    end_worker(worker, why);
  }
  nodes_.erase(gone);
}

void node_gateway_state::give_permits_back(const node& of) {
  if (!options_.limits) {
    return;
  }
  for (const attempt_id& attempt : of.attempts.all()) {
    self_->send(options_.limits, abort_atom_v, attempt);
  }
}

void node_gateway_state::report_metrics(const std::string& about, node_report news) {
  if (is_quarantine(about)) {
    return;
  }
  news.connected = static_cast<std::uint32_t>(std::ranges::count_if(nodes_, [](const auto& entry) {
    return !is_quarantine(entry.first);
  }));
  self_->send(options_.metrics, news);
}

template <class Answer, class Atom, class Subject, class... Args, class Actor>
auto node_gateway_state::pass_on(const Actor& receiver) {
  return [this,
          receiver](Atom verb, const Subject& subject, const Args&... args) -> caf::result<Answer> {
    const node* from = find_sender();
    if (from == nullptr || !may_say(verb, subject, from->attempts)) {
      return to_error(not_of_this_node());
    }
    const auto promise = make_shared_reply_promise<Answer>(self_);
    self_->request(receiver, queue_timeout, verb, subject, args...)
        .then(
            [promise](Answer& answer) { promise->deliver(std::move(answer)); },
            [promise](caf::error& why) { promise->fail(std::move(why)); }
        );
    return caf::delegated<Answer>{};
  };
}

template <class Atom, class Subject, class Actor>
auto node_gateway_state::send_to(const Actor& receiver) {
  return [this, receiver](Atom verb, const Subject& subject) {
    const node* from = find_sender();
    if (from != nullptr && may_say(verb, subject, from->attempts)) {
      self_->send(receiver, verb, subject);
    }
  };
}

node_gateway_impl::behavior_type node_gateway_state::make_behavior() {
  using gateway = node_gateway_state;
  return {
      handle<join_atom>(*this, &gateway::join),
      handle<join_atom>(*this, &gateway::add_slot),
      handle<leave_atom>(*this, &gateway::remove_slot),
      handle<drain_atom>(*this, &gateway::drain),
      handle<leave_atom>(*this, &gateway::leave),
      handle<caf::ping_atom>(*this, &gateway::on_ping),
      handle<settings_atom>(*this, &gateway::change_settings),
      handle<check_nodes_atom>(*this, &gateway::check_nodes),
      handle<assign_atom>(*this, &gateway::begin_attempt),
      handle<drop_atom>(*this, &gateway::take_back),
      // What a node says of its attempts
      pass_on<unit_value, renew_atom, attempt_id>(options_.queue),
      pass_on<unit_value, report_atom, attempt_id, job_progress>(options_.queue),
      pass_on<unit_value, open_call_atom, attempt_id>(options_.queue),
      pass_on<unit_value, settle_call_atom, attempt_id, call_settlement>(options_.queue),
      pass_on<unit_value, finish_atom, attempt_id, attempt_outcome>(options_.queue),
      pass_on<unit_value, record_atom, conversion_update>(options_.records),
      pass_on<conversion_update, fetch_atom, std::string>(options_.records),
      pass_on<unit_value, record_atom, image_record>(options_.records),
      pass_on<image_record, find_atom, std::string>(options_.records),
      pass_on<image_record, remove_atom, std::string>(options_.records),
      pass_on<unit_value, notify_atom, notification>(options_.notifier),
      pass_on<call_permit, admit_atom, call_request>(options_.limits),
      send_to<settle_atom, call_outcome>(options_.limits),
      send_to<abort_atom, attempt_id>(options_.limits),
  };
}

node_gateway_impl::behavior_type node_gateway(
    node_gateway_state::pointer self, node_gateway_options options
) {
  self->state.begin(self, std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
