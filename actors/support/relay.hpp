// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "messages/base/result.hpp"

#include <utility>

namespace stayler::actors {

/// The error handler of a request whose failure is the answer to another one.
template <class T>
auto relay_failure(shared_reply_promise<T> answer) {
  return [answer = std::move(answer)](caf::error& reason) { answer->fail(std::move(reason)); };
}

/// Answers with what an adapter has returned: the value, or the failure.
template <class T>
void relay(reply_promise<T>& answer, result<T> outcome) {
  if (outcome) {
    answer.deliver(std::move(outcome).value());
  } else {
    answer.fail(outcome.error());
  }
}

}  // namespace stayler::actors
