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
caf::result<T> to_caf_result(result<T> from) {
  if (!from) {
    return to_error(from.error());
  }
  return std::move(from).value();
}

/// The answer to a request, given once and later. CAF 0.17 loses a promise that its actor takes to
/// the grave, and the requester waits out its timeout; this one is answered with `unavailable` when
/// it is dropped, be it with the actor's state or with a response handler that will never run.
template <class T>
class reply_promise {
 public:
  explicit reply_promise(caf::typed_response_promise<T> promise) : promise_(std::move(promise)) {}
  reply_promise(reply_promise&& other) noexcept : promise_(std::exchange(other.promise_, {})) {}
  reply_promise& operator=(reply_promise&&) = delete;
  ~reply_promise() {
    fail(failure{error_class::unavailable, "the part of the service that was asked has ended"});
  }

  /// The first answer counts; later ones do nothing.
  void deliver(T value) {
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
using shared_reply_promise = std::shared_ptr<reply_promise<T>>;

/// Takes over the answer to the request that is being handled; the handler then returns
/// `caf::delegated<T>{}`.
template <class T, class Self>
reply_promise<T> make_reply_promise(Self* self) {
  return reply_promise<T>{self->template make_response_promise<T>()};
}

/// The same for an answer that several handlers may give.
template <class T, class Self>
shared_reply_promise<T> make_shared_reply_promise(Self* self) {
  return std::make_shared<reply_promise<T>>(make_reply_promise<T>(self));
}

}  // namespace stayler::actors
