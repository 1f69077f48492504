// SPDX-License-Identifier: MIT
#include "actors/support/failure.hpp"

#include "messages/type_ids.hpp"

namespace stayler::actors {

namespace {

failure from_system_error(const caf::error& from) {
  const auto code = static_cast<caf::sec>(from.code());
  switch (code) {
    case caf::sec::request_timeout:
      return {error_class::timeout, "no answer in time"};
    case caf::sec::request_receiver_down:
      return {error_class::unavailable, "the part of the service that was asked is restarting"};
    default:
      return {error_class::internal_bug, "unexpected: " + caf::to_string(code)};
  }
}

}  // namespace

caf::error to_error(const failure& from) {
  return caf::make_error(from.kind, from);
}

caf::error to_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return to_error(failure{error_class::internal_bug, error.what()});
  } catch (...) {
    return to_error(failure{error_class::internal_bug, "an exception without a text"});
  }
}

std::string describe(const caf::error& reason) {
  return reason && reason.category() == caf::atom("stayler") ? to_failure(reason).message
                                                             : caf::to_string(reason);
}

failure to_failure(const caf::error& from) {
  if (!from) {
    return {};
  }
  if (from.category() == caf::atom("stayler")) {
    if (from.context().match_elements<failure>()) {
      return from.context().get_as<failure>(0);
    }
    return {static_cast<error_class>(from.code()), caf::to_string(from.context())};
  }
  if (from.category() == caf::atom("system")) {
    return from_system_error(from);
  }
  // An exit reason: the actor was told to end while it was asked.
  return {error_class::unavailable, "the part of the service that was asked has ended"};
}

}  // namespace stayler::actors
