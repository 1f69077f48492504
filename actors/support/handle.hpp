// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

namespace stayler::actors {

/// A message handler that calls a member function: `handle<renew_atom>(leases,
/// &lease_service::renew)` stands for `[&](renew_atom, const attempt_id& attempt) { return
/// leases.renew(attempt); }`. The object has to live as long as the behavior.
template <class Atom, class Object, class Result, class... Args>
auto handle(Object& object, Result (Object::*member)(Args...)) {
  return [&object, member](Atom, Args... args) -> Result {
    return (object.*member)(std::forward<Args>(args)...);
  };
}

template <class Atom, class Object, class Result, class... Args>
auto handle(Object& object, Result (Object::*member)(Args...) const) {
  return [&object, member](Atom, Args... args) -> Result {
    return (object.*member)(std::forward<Args>(args)...);
  };
}

}  // namespace stayler::actors
