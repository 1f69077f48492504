// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/failure.hpp"
#include "messages/base/result.hpp"

#include <caf/all.hpp>

#include <memory>
#include <utility>

namespace stayler::actors {

/// An adapter's result as an actor's answer.
template <class T>
caf::result<T> to_answer(result<T> from) {
  if (!from) {
    return to_error(from.error());
  }
  return std::move(from).value();
}

/// The answer to a request, given once and later. CAF 0.17 loses a promise that its actor takes to
/// the grave, and the requester waits out its timeout; this one is answered with `unavailable` when
/// it is dropped, be it with the actor's state or with a response handler that will never run.
template <class T>
class owed_answer {
 public:
  explicit owed_answer(caf::typed_response_promise<T> promise) : promise_(std::move(promise)) {}
  owed_answer(owed_answer&& other) noexcept : promise_(std::exchange(other.promise_, {})) {}
  owed_answer& operator=(owed_answer&&) = delete;
  ~owed_answer() {
    fail(failure{error_class::unavailable, "the part of the service that was asked has ended", {}});
  }

  /// The first answer counts; later ones do nothing.
  void give(T value) {
    if (promise_.pending()) {
      promise_.deliver(std::move(value));
    }
  }
  void fail(caf::error error) {
    if (promise_.pending()) {
      promise_.deliver(std::move(error));
    }
  }
  void fail(const failure& error) { fail(to_error(error)); }

 private:
  caf::typed_response_promise<T> promise_;
};

/// For the handlers of several responses, one of which will give the answer.
template <class T>
using shared_answer = std::shared_ptr<owed_answer<T>>;

/// Takes over the answer to the request that is being handled; the handler then returns
/// `caf::delegated<T>{}`.
template <class T, class Self>
owed_answer<T> owe_answer(Self* self) {
  return owed_answer<T>{self->template make_response_promise<T>()};
}

/// The same for an answer that several handlers may give.
template <class T, class Self>
shared_answer<T> share_answer(Self* self) {
  return std::make_shared<owed_answer<T>>(owe_answer<T>(self));
}

}  // namespace stayler::actors
