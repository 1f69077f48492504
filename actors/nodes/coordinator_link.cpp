// SPDX-License-Identifier: MIT
#include "actors/nodes/coordinator_link.hpp"

#include "actors/supervision/supervised.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::nodes};

constexpr milliseconds goodbye_timeout{1'000};

failure no_coordinator(const std::string& why) {
  return {error_class::unavailable, "no coordinator: " + why, {}};
}

}  // namespace

void coordinator_link_state::begin(pointer self, coordinator_link_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  self->set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) {
    if (gateway_ && gateway_.address() == down.source) {
      lost("the connection broke");
    } else {
      worker_down(down);
    }
  });
  tell_metrics({});
  connect();
}

void coordinator_link_state::connect() {
  if (has_left_) {
    return;
  }
  self_->request(options_.connector, options_.connect_timeout, caf::connect_atom_v)
      .then(
          [this](const caf::actor& port) { say_hello(port); },
          [this](const caf::error& why) { try_again(why); }
      );
}

void coordinator_link_state::say_hello(const caf::actor& port) {
  node_hello hello = options_.hello;
  for (auto& [slot_name, one] : slots_) {
    one.is_announced = one.attempt.has_value();
    if (one.attempt) {
      hello.attempts.push_back({slot_name, *one.attempt});
    }
  }
  gone_.clear();
  const auto link = caf::actor_cast<caf::actor>(self_);
  self_
      ->request(
          caf::actor_cast<node_acceptor_actor>(port), options_.hello_timeout, join_atom_v,
          std::move(hello), link
      )
      .then(
          [this](const node_welcome& welcome, const caf::actor& gateway) {
            joined(welcome, gateway);
          },
          [this](const caf::error& why) { try_again(why); }
      );
}

void coordinator_link_state::try_again(const caf::error& why) {
  const failure reason = to_failure(why);
  if (std::exchange(last_refusal_, reason.message) != reason.message) {
    log.warning(
        "no coordinator takes this node in",
        {{"node", options_.hello.name}, {"errorClass", reason.kind}, {"reason", reason.message}}
    );
  }
  self_->delayed_send(self_, backoff_.next(), caf::connect_atom_v);
}

void coordinator_link_state::joined(const node_welcome& welcome, const caf::actor& gateway) {
  ++number_;
  welcome_ = welcome;
  gateway_ = caf::actor_cast<node_gateway_actor>(gateway);
  has_grace_ = false;
  backoff_.reset();
  last_refusal_.clear();
  self_->monitor(gateway_);
  log.info(
      "joined a coordinator", {{"node", options_.hello.name}, {"coordinator", welcome.coordinator}}
  );
  for (const auto& [slot_name, why] : std::exchange(gone_, {})) {
    slot_gone(slot_name, why);
  }
  for (auto& [slot_name, one] : slots_) {
    announce(slot_name, one);
  }
  if (is_draining_) {
    self_->send(gateway_, drain_atom_v, options_.hello.incarnation);
  }
  for (auto& [number, waiting] : std::exchange(waiting_, {})) {
    waiting.send();
  }
  self_->delayed_send(self_, welcome_.ping_interval, caf::tick_atom_v, number_);
  tell_metrics({true, 1, 0});
}

void coordinator_link_state::ping(std::uint64_t number) {
  if (!gateway_ || number != number_) {
    return;
  }
  self_->delayed_send(self_, welcome_.ping_interval, caf::tick_atom_v, number);
  self_->request(gateway_, welcome_.lease / 3, caf::ping_atom_v, options_.hello.incarnation)
      .then(
          [](unit_value) {},
          [this, number](const caf::error& why) {
            if (gateway_ && number == number_) {
              lost(describe(why));
            }
          }
      );
}

void coordinator_link_state::lost(const std::string& why) {
  log.warning(
      "the coordinator is lost", {{"node", options_.hello.name},
                                  {"coordinator", welcome_.coordinator},
                                  {"reason", why},
                                  {"attempts", busy()}}
  );
  self_->demonitor(gateway_.address());
  gateway_ = nullptr;
  has_grace_ = true;
  for (auto& [slot_name, one] : slots_) {
    one.is_announced = false;
  }
  for (const auto& [number, sent] : std::exchange(sent_, {})) {
    if (sent.again == repeatable::yes) {
      waiting_[number] = sent;
    } else {
      sent.fail(no_coordinator(why));
    }
  }
  self_->delayed_send(self_, welcome_.lease, abort_atom_v, number_);
  self_->delayed_send(self_, backoff_.next(), caf::connect_atom_v);
  tell_metrics({false, 0, 1});
}

void coordinator_link_state::end_grace(std::uint64_t number) {
  if (gateway_ || number != number_) {
    return;
  }
  has_grace_ = false;
  for (const auto& [errand_number, waiting] : std::exchange(waiting_, {})) {
    waiting.fail(no_coordinator("none was found in time"));
  }
  for (const auto& [slot_name, one] : slots_) {
    if (one.attempt) {
      self_->send(one.worker, cancel_atom_v, *one.attempt);
    }
  }
}

template <class Answer, class... Args>
void coordinator_link_state::ask(repeatable again, on_answer<Answer> told, const Args&... args) {
  const std::uint64_t number = ++last_errand_;
  sent_[number] = {
      [this, again, told, args...] { ask<Answer>(again, told, args...); },
      [told](const failure& why) { told(why); }, again};
  // CAF 0.17 leaves a request to a lost node unanswered until its timeout: lost() is quicker.
  self_->request(gateway_, options_.request_timeout, args...)
      .then(
          [this, number, told](Answer& given) {
            if (sent_.erase(number) > 0) {
              told(std::move(given));
            }
          },
          [this, number, told](const caf::error& why) {
            if (sent_.erase(number) > 0) {
              told(to_failure(why));
            }
          }
      );
}

template <class Answer, class... Args>
void coordinator_link_state::ask_in_time(
    repeatable again, on_answer<Answer> told, const Args&... args
) {
  if (gateway_) {
    ask<Answer>(again, std::move(told), args...);
  } else if (has_grace_) {
    waiting_[++last_errand_] = {
        [this, again, told, args...] { ask<Answer>(again, told, args...); },
        [told](const failure& why) { told(why); }, again};
  } else {
    told(no_coordinator("none has been found yet"));
  }
}

template <class Answer, class... Args>
caf::result<Answer> coordinator_link_state::pass_on(const Args&... args) {
  const auto answer = make_shared_reply_promise<Answer>(self_);
  ask_in_time<Answer>(
      repeatable::yes,
      [answer](result<Answer> given) {
        given ? answer->deliver(std::move(*given)) : answer->fail(given.error());
      },
      args...
  );
  return caf::delegated<Answer>{};
}

caf::result<unit_value> coordinator_link_state::finish(
    const attempt_id& attempt, const attempt_outcome& outcome
) {
  const auto answer = make_shared_reply_promise<unit_value>(self_);
  // Said twice, it would be refused: the worker has to know that it may have been heard.
  ask_in_time<unit_value>(
      repeatable::no,
      [this, answer, attempt](const result<unit_value>& heard) {
        heard ? answer->deliver(unit_value{}) : answer->fail(heard.error());
        // Any other answer has the worker say it again.
        if (heard || heard.error().kind == error_class::conflict) {
          became_idle(attempt);
        }
      },
      finish_atom_v, attempt, outcome
  );
  return caf::delegated<unit_value>{};
}

caf::result<link_status> coordinator_link_state::report_status() const {
  if (!gateway_) {
    return to_error(no_coordinator(last_refusal_.empty() ? "looking for one" : last_refusal_));
  }
  return link_status{welcome_.coordinator, is_draining_, busy()};
}

void coordinator_link_state::say_goodbye() {
  if (std::exchange(has_left_, true)) {
    return;
  }
  const auto done = [this] {
    for (auto& answer : std::exchange(drain_answers_, {})) {
      answer.deliver(unit_value{});
    }
  };
  if (!gateway_) {
    done();
    return;
  }
  // Answered, and so known there: the end of the connection is no loss.
  self_->demonitor(gateway_.address());
  self_->request(gateway_, goodbye_timeout, leave_atom_v, options_.hello.incarnation)
      .then([done](unit_value) { done(); }, [done](const caf::error&) { done(); });
  gateway_ = nullptr;
}

void coordinator_link_state::tell_metrics(link_report news) {
  self_->send(options_.metrics, news);
}

coordinator_link_impl::behavior_type coordinator_link(
    coordinator_link_state::pointer self, coordinator_link_options options
) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](assign_atom, const std::string& slot, job& leased) { state.assign(slot, leased); },
      [&state](cancel_atom, const attempt_id& attempt) { state.cancel(attempt); },
      [&state](drop_atom, const attempt_id& attempt) { state.drop(attempt); },
      [&state](release_atom, const std::string& slot) { state.release(slot); },
      [&state](join_atom, const std::string& slot, worker_actor worker) {
        state.join(slot, std::move(worker));
      },
      [&state](leave_atom, const std::string& slot) { return state.leave(slot); },
      [&state](renew_atom what, const attempt_id& attempt) {
        return state.pass_on<unit_value>(what, attempt);
      },
      [&state](report_atom what, const attempt_id& attempt, const job_progress& progress) {
        return state.pass_on<unit_value>(what, attempt, progress);
      },
      [&state](open_call_atom what, const attempt_id& attempt) {
        return state.pass_on<unit_value>(what, attempt);
      },
      [&state](
          settle_call_atom what, const attempt_id& attempt, const call_settlement& settlement
      ) { return state.pass_on<unit_value>(what, attempt, settlement); },
      [&state](finish_atom, const attempt_id& attempt, const attempt_outcome& outcome) {
        return state.finish(attempt, outcome);
      },
      [&state](record_atom what, const conversion_update& update) {
        return state.pass_on<unit_value>(what, update);
      },
      [&state](fetch_atom what, const std::string& conversion) {
        return state.pass_on<conversion_update>(what, conversion);
      },
      [&state](record_atom what, const image_record& row) {
        return state.pass_on<unit_value>(what, row);
      },
      [&state](find_atom what, const std::string& image) {
        return state.pass_on<image_record>(what, image);
      },
      [&state](remove_atom what, const std::string& image) {
        return state.pass_on<image_record>(what, image);
      },
      [&state](notify_atom what, const notification& event) {
        return state.pass_on<unit_value>(what, event);
      },
      [&state](admit_atom what, const call_request& call) {
        return state.pass_on<call_permit>(what, call);
      },
      [&state](settle_atom what, const call_outcome& outcome) { state.tell(what, outcome); },
      [&state](abort_atom what, const attempt_id& attempt) { state.tell(what, attempt); },
      [](start_atom) { return unit_value{}; },
      [&state](drain_atom, milliseconds timeout) { return state.drain(timeout); },
      [&state](status_atom) { return state.report_status(); },
      [&state](caf::connect_atom) { state.connect(); },
      [&state](caf::tick_atom, std::uint64_t number) { state.ping(number); },
      [&state](abort_atom, std::uint64_t number) { state.end_grace(number); },
      [&state](drain_atom) { state.drain_deadline(); },
      [&state](release_atom) { state.say_goodbye(); },
  };
}

}  // namespace stayler::actors
