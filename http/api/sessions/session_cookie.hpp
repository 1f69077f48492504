// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "http/api/links/key_signature.hpp"
#include "http/server/message.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stayler::http {

/// How long a browser stays signed in.
inline constexpr std::chrono::hours session_length{12};

/// What a session's cookie says; nothing of it is proven yet.
struct shown_session {
  std::string key;      ///< the name of the key that has signed in
  std::string expires;  ///< Unix seconds
  std::string signature;
};

/// The session that a request shows, or nothing. What a page of another site makes a browser send
/// shows none. `has_tls`: the service is reached by TLS alone, and only the cookie counts that no
/// other host, and nobody on the way, can have set.
std::optional<shown_session> find_session(const request& head, bool has_tls);

/// Makes and checks what is kept in a browser in place of a key: the key's name, an end and a
/// signature. It has the rights that the key has when it is used, and ends with the key. From any
/// thread.
class session_signer {
 public:
  using verdict = key_signature::verdict;

  /// `secret`: the same wherever the sessions are to be good; empty: one of this object's own.
  /// `has_tls`: as of find_session().
  explicit session_signer(
      std::string secret = {},
      bool has_tls = false,
      std::shared_ptr<const adapters::wall_clock> clock =
          std::make_shared<adapters::system_wall_clock>()
  );

  /// The session that a request shows; nothing of it is proven yet.
  [[nodiscard]] std::optional<shown_session> find(const request& head) const;

  /// The value of a session's cookie.
  [[nodiscard]] std::string sign(const adapters::caller_key& key, timestamp expires) const;

  [[nodiscard]] verdict check(const shown_session& shown, const adapters::caller_key& key) const;

 private:
  key_signature signature_;
  bool has_tls_;
  std::shared_ptr<const adapters::wall_clock> clock_;
};

/// When the session ends; not set where the text is no such time.
timestamp end_of(const shown_session& shown);

/// The value of Set-Cookie that begins a session, or, with an empty value, ends it. `is_encrypted`:
/// the browser came by https, and shall send it by nothing else.
std::string session_cookie(std::string_view value, bool is_encrypted);

/// Whether that request came to the browser's address bar by https: over our own TLS, or that of a
/// proxy in front, which the page's origin tells.
bool came_encrypted(const request& head, bool has_tls);

}  // namespace stayler::http
