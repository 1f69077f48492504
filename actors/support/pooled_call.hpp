// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "actors/support/tell.hpp"
#include "messages/type_ids.hpp"

#include <caf/all.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace stayler::actors {

/// A request that is answered by a blocking call of an adapter, on a thread of its own. `Outcome`
/// is a struct whose `content` is a variant of failure and of the answers that there are.
template <class Adapter, class Outcome>
struct pooled_call {
  std::function<Outcome(Adapter&)> run;    ///< on the thread
  std::function<void(Outcome&)> conclude;  ///< by the actor; dropped, the answer is `unavailable`
};

/// Takes over the answer to the request that is being handled. `call` takes the adapter and returns
/// a result<Answer>.
template <class Answer, class Adapter, class Outcome, class Self, class Call>
pooled_call<Adapter, Outcome> make_pooled_call(Self* self, Call call) {
  pooled_call<Adapter, Outcome> made;
  made.run = [call = std::move(call)](Adapter& adapter) {
    result<Answer> returned = call(adapter);
    return returned ? Outcome{std::move(*returned)} : Outcome{std::move(returned.error())};
  };
  made.conclude = [answer = make_shared_reply_promise<Answer>(self)](Outcome& outcome) {
    if (const auto* error = std::get_if<failure>(&outcome.content)) {
      answer->fail(*error);
    } else {
      answer->deliver(std::move(std::get<Answer>(outcome.content)));
    }
  };
  return made;
}

/// What the thread runs: the call, and then a message to the actor with the call's number and its
/// outcome. It holds the actor weakly and none of its state, for it may come back long after both
/// are gone, or never. An exception becomes an internal_bug whose text begins with `thrown`.
template <class Actor, class Adapter, class Outcome, class Self>
std::function<void()> thread_of(
    Self* self,
    std::shared_ptr<Adapter> adapter,
    std::uint64_t number,
    std::function<Outcome(Adapter&)> run,
    std::string thrown = {}
) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(self), adapter = std::move(adapter), number,
          run = std::move(run), thrown = std::move(thrown)] {
    Outcome outcome;
    try {
      outcome = run(*adapter);
    } catch (...) {
      failure bug = to_failure(to_error(std::current_exception()));
      bug.message.insert(0, thrown);
      outcome = {std::move(bug)};
    }
    if (const auto strong = weak.lock()) {
      tell(caf::actor_cast<Actor>(strong), finish_atom_v, number, std::move(outcome));
    }
  };
}

}  // namespace stayler::actors
