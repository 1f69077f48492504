// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/caller_keys/caller_keys.hpp"
#include "http/api/access/key_validity.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// Who makes a call. Where no keys are configured, everybody may do everything.
struct caller {
  std::string key;  ///< its name; empty where none was needed
  adapters::caller_role role = adapters::caller_role::admin;
  std::vector<std::string> users;          ///< none: all users
  std::shared_ptr<key_validity> validity;  ///< of the key; null where none was needed
  bool has_link = false;                   ///< came by a signed link, not with the key itself
  timestamp session_ends{};                ///< set: came by a session, not with the key itself

  /// True for a key that names users: it is for their jobs and images only.
  [[nodiscard]] bool is_limited() const noexcept { return !users.empty(); }
  [[nodiscard]] bool may_act_for(std::string_view user) const noexcept;
};

/// What a route touches, for keys that name users.
enum class access_scope : std::uint8_t {
  nothing,     ///< of any user: open to all keys
  one_job,     ///< the job in the path: for the keys of its user
  one_image,   ///< the image in the path: for the keys of its user
  seen_image,  ///< the same, to see it: a vendor's is for all keys
  one_user,    ///< the user in the path: for that user's keys, and for admins of all users
  own,         ///< many things; the endpoint itself keeps to the caller's users
  all_users,   ///< not for keys that name users
};

/// What a route asks of its callers.
struct access {
  bool is_open = false;  ///< needs no key
  adapters::caller_role role = adapters::caller_role::admin;
  access_scope scope = access_scope::all_users;
};

/// True for the methods that only look: GET and HEAD.
bool only_looks(std::string_view method) noexcept;

/// The rule of a route. What the table does not name is the safe side: to look takes a viewer,
/// anything else an admin, and it is closed to keys that name users.
access access_of(std::string_view method, std::string_view route) noexcept;

}  // namespace stayler::http
