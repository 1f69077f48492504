// SPDX-License-Identifier: MIT
#include "actors/nodes/coordinator_link.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::nodes::log;

constexpr milliseconds goodbye_timeout{1'000};

/// Workers that were told to give their leases back get this long before the node ends.
constexpr milliseconds release_grace{1'000};

failure no_coordinator(const std::string& why) {
  return {error_class::unavailable, "no coordinator: " + why};
}

}  // namespace

void coordinator_link_state::begin(pointer self, coordinator_link_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  slots_ = node_slots{options_.hello.instance_id};
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { on_down(down); });
  report_metrics({});
  find_coordinator();
}

void coordinator_link_state::find_coordinator() {
  if (state_ == link_state::left) {
    return;
  }
  self_->request(options_.connector, options_.connect_timeout, caf::connect_atom_v)
      .then(
          [this](const caf::actor& acceptor) { say_hello(acceptor); },
          [this](const caf::error& error) { on_not_welcome(error); }
      );
}

void coordinator_link_state::say_hello(const caf::actor& acceptor) {
  node_hello hello = options_.hello;
  hello.attempts = slots_.begin_hello();
  self_
      ->request(
          caf::actor_cast<node_acceptor_actor>(acceptor), options_.hello_timeout, join_atom_v,
          std::move(hello), caf::actor_cast<caf::actor>(self_)
      )
      .then(
          [this](const node_welcome& welcome, const caf::actor& gateway) {
            on_welcome(welcome, gateway);
          },
          [this](const caf::error& error) { on_not_welcome(error); }
      );
}

void coordinator_link_state::on_not_welcome(const caf::error& error) {
  const failure why = to_failure(error);
  if (std::exchange(last_refusal_, why.message) != why.message) {
    log.warning(
        "no coordinator takes this node in",
        {{"node", options_.hello.name}, {"errorClass", why.kind}, {"reason", why.message}}
    );
  }
  self_->delayed_send(self_, backoff_.next(), find_coordinator_atom_v);
}

void coordinator_link_state::on_welcome(const node_welcome& welcome, const caf::actor& gateway) {
  if (state_ == link_state::left) {
    return;
  }
  state_ = link_state::connected;
  ++connection_;
  welcome_ = welcome;
  gateway_ = caf::actor_cast<node_gateway_actor>(gateway);
  backoff_.reset();
  last_refusal_.clear();
  self_->monitor(gateway_);
  log.info(
      "joined a coordinator", {{"node", options_.hello.name}, {"coordinator", welcome.coordinator}}
  );
  slots_.connect(gateway_);
  requests_.send_waiting();
  self_->delayed_send(self_, welcome_.ping_interval, ping_coordinator_atom_v, connection_);
  report_metrics({.is_connected = true, .joined = 1});
}

void coordinator_link_state::ping(std::uint64_t connection) {
  if (state_ != link_state::connected || connection != connection_) {
    return;
  }
  self_->delayed_send(self_, welcome_.ping_interval, ping_coordinator_atom_v, connection);
  self_->request(gateway_, welcome_.lease / 3, caf::ping_atom_v, options_.hello.instance_id)
      .then(
          [](unit_value) {},
          [this, connection](const caf::error& why) {
            if (state_ == link_state::connected && connection == connection_) {
              on_lost(describe(why));
            }
          }
      );
}

void coordinator_link_state::on_down(const caf::down_msg& down) {
  if (gateway_ && gateway_.address() == down.source) {
    on_lost("the connection broke");
    return;
  }
  slots_.on_worker_down(down);
  leave_if_drained();
}

void coordinator_link_state::on_lost(const std::string& why) {
  log.warning(
      "the coordinator is lost", {{"node", options_.hello.name},
                                  {"coordinator", welcome_.coordinator},
                                  {"reason", why},
                                  {"attempts", slots_.busy()}}
  );
  state_ = link_state::reconnecting;
  self_->demonitor(gateway_.address());
  gateway_ = nullptr;
  slots_.disconnect();
  requests_.on_coordinator_lost(no_coordinator(why));
  self_->delayed_send(self_, welcome_.lease, end_reconnecting_atom_v, connection_);
  self_->delayed_send(self_, backoff_.next(), find_coordinator_atom_v);
  report_metrics({.lost = 1});
}

void coordinator_link_state::end_reconnecting(std::uint64_t connection) {
  if (state_ != link_state::reconnecting || connection != connection_) {
    return;
  }
  state_ = link_state::connecting;
  requests_.fail_waiting(no_coordinator("none was found in time"));
  slots_.cancel_all();
}

template <class Answer, class... Args>
void coordinator_link_state::request(
    bool is_repeatable, std::function<void(result<Answer>)> on_answer, const Args&... args
) {
  // CAF 0.17 leaves a request to a lost node unanswered until its timeout: on_lost() is quicker.
  const auto send = [this, on_answer, args...](policies::request_number number) {
    self_->request(gateway_, options_.request_timeout, args...)
        .then(
            [this, number, on_answer](Answer& given) {
              if (requests_.take(number)) {
                on_answer(std::move(given));
              }
            },
            [this, number, on_answer](const caf::error& why) {
              if (requests_.take(number)) {
                on_answer(to_failure(why));
              }
            }
        );
  };
  switch (state_) {
    case link_state::connected:
      requests_.send({send, on_answer, is_repeatable});
      break;
    case link_state::reconnecting:
      requests_.hold({send, on_answer, is_repeatable});
      break;
    case link_state::connecting:
    case link_state::left:
      on_answer(no_coordinator("none has been found yet"));
  }
}

template <class Answer, class... Args>
auto coordinator_link_state::pass_on() {
  return [this](const Args&... args) -> caf::result<Answer> {
    const auto promise = make_shared_reply_promise<Answer>(self_);
    const auto on_answer = [promise](result<Answer> given) {
      given ? promise->deliver(std::move(*given)) : promise->fail(given.error());
    };
    // Twice does no harm: the store knows a repetition by the attempt's token.
    request<Answer>(true, on_answer, args...);
    return caf::delegated<Answer>{};
  };
}

template <class... Args>
auto coordinator_link_state::pass_on_if_connected() {
  return [this](const Args&... args) {
    if (gateway_) {
      // With a sender: a gateway believes a node only what comes from its link.
      self_->send(gateway_, args...);
    }
  };
}

caf::result<unit_value> coordinator_link_state::finish(
    const attempt_id& attempt, const attempt_outcome& outcome
) {
  const auto promise = make_shared_reply_promise<unit_value>(self_);
  const auto on_answer = [this, promise, attempt](const result<unit_value>& given) {
    given ? promise->deliver(unit_value{}) : promise->fail(given.error());
    // After any other answer the worker reports again.
    if (given || given.error().kind == error_class::conflict) {
      slots_.on_attempt_ended(attempt);
      leave_if_drained();
    }
  };
  // A second report would be refused: the worker has to know that the first may have arrived.
  request<unit_value>(false, on_answer, finish_atom_v, attempt, outcome);
  return caf::delegated<unit_value>{};
}

void coordinator_link_state::join(const std::string& slot, const worker_actor& worker) {
  self_->monitor(worker);
  slots_.join(slot, worker);
}

caf::result<unit_value> coordinator_link_state::drain(milliseconds timeout) {
  drain_promises_.push_back(make_reply_promise<unit_value>(self_));
  if (!slots_.is_draining()) {
    log.info("taking no more jobs", {{"node", options_.hello.name}, {"attempts", slots_.busy()}});
    slots_.drain();
    self_->delayed_send(self_, timeout, release_workers_atom_v);
  }
  leave_if_drained();
  return caf::delegated<unit_value>{};
}

void coordinator_link_state::release_workers() {
  slots_.release_all();
  self_->delayed_send(self_, release_grace, say_goodbye_atom_v);
}

void coordinator_link_state::leave_if_drained() {
  if (slots_.is_draining() && slots_.busy() == 0) {
    say_goodbye();
  }
}

void coordinator_link_state::say_goodbye() {
  const link_state before = std::exchange(state_, link_state::left);
  if (before == link_state::left) {
    return;
  }
  requests_.fail_waiting(no_coordinator("the node is about to end"));
  const auto done = [this] {
    for (auto& promise : std::exchange(drain_promises_, {})) {
      promise.deliver(unit_value{});
    }
  };
  if (before != link_state::connected) {
    done();
    return;
  }
  // Answered, and so known there: the end of the connection is no loss.
  self_->demonitor(gateway_.address());
  self_->request(gateway_, goodbye_timeout, leave_atom_v, options_.hello.instance_id)
      .then([done](unit_value) { done(); }, [done](const caf::error&) { done(); });
  gateway_ = nullptr;
  slots_.disconnect();
}

caf::result<link_status> coordinator_link_state::report_status() const {
  if (state_ != link_state::connected) {
    return to_error(no_coordinator(last_refusal_.empty() ? "looking for one" : last_refusal_));
  }
  return link_status{welcome_.coordinator, slots_.is_draining(), slots_.busy()};
}

dispatch_status coordinator_link_state::report_dispatch() const {
  return {!slots_.is_draining() && state_ != link_state::left, connection_ > 0};
}

void coordinator_link_state::report_metrics(link_report news) {
  self_->send(options_.metrics, news);
}

coordinator_link_impl::behavior_type coordinator_link_state::make_behavior() {
  using link = coordinator_link_state;
  return {
      // From the coordinator
      handle<assign_atom>(slots_, &node_slots::assign),
      handle<cancel_atom>(slots_, &node_slots::cancel),
      handle<drop_atom>(slots_, &node_slots::drop),
      handle<release_atom>(slots_, &node_slots::release),
      // From the node's workers and other actors
      handle<join_atom>(*this, &link::join),
      handle<leave_atom>(slots_, &node_slots::leave),
      handle<finish_atom>(*this, &link::finish),
      pass_on<unit_value, renew_atom, attempt_id>(),
      pass_on<unit_value, report_atom, attempt_id, job_progress>(),
      pass_on<unit_value, open_call_atom, attempt_id>(),
      pass_on<unit_value, settle_call_atom, attempt_id, call_settlement>(),
      pass_on<unit_value, record_atom, conversion_update>(),
      pass_on<conversion_update, fetch_atom, std::string>(),
      pass_on<unit_value, record_atom, image_record>(),
      pass_on<image_record, find_atom, std::string>(),
      pass_on<image_record, remove_atom, std::string>(),
      pass_on<unit_value, notify_atom, notification>(),
      pass_on<call_permit, admit_atom, call_request>(),
      pass_on_if_connected<settle_atom, call_outcome>(),
      pass_on_if_connected<abort_atom, attempt_id>(),
      // From the supervisor and health
      [](start_atom) { return unit_value{}; },
      handle<drain_atom>(*this, &link::drain),
      handle<probe_atom>(*this, &link::report_dispatch),
      handle<status_atom>(*this, &link::report_status),
      // Timers
      handle<find_coordinator_atom>(*this, &link::find_coordinator),
      handle<ping_coordinator_atom>(*this, &link::ping),
      handle<end_reconnecting_atom>(*this, &link::end_reconnecting),
      handle<release_workers_atom>(*this, &link::release_workers),
      handle<say_goodbye_atom>(*this, &link::say_goodbye),
  };
}

coordinator_link_impl::behavior_type coordinator_link(
    coordinator_link_state::pointer self, coordinator_link_options options
) {
  self->state.begin(self, std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
