// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/caller_keys/caller_keys.hpp"
#include "http/api/links/link_signer.hpp"
#include "http/api/rate_limit/rate_limiter.hpp"
#include "http/api/router.hpp"
#include "http/api/sessions/session_cookie.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// The names of keys that have come, gone, or do not say any more what they did.
struct key_changes {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;

  [[nodiscard]] bool is_empty() const noexcept {
    return added.empty() && removed.empty() && changed.empty();
  }
};

/// What a call shows of a key.
enum class credential : std::uint8_t {
  none,
  unknown,
  forged_link,
  expired_link,
  ended_session,
  known,
};

/// Lets a call through to its endpoint, or turns it away: 401 without a known key, 403 where the
/// key's role does not suffice or the route is closed to keys that name users, 429 where its caller
/// calls too often. A known key draws from a bucket of its own, whatever address it comes from; all
/// others draw from that of their address, and a wrong key costs more. A signed link and a session
/// are calls of their key; what comes by a session and would change something is let through only
/// where the service's own page makes it, 403. For any thread.
class authorizer {
 public:
  using time_point = rate_limiter::time_point;

  /// `keys`: at least one.
  authorizer(
      std::vector<adapters::caller_key> keys,
      rate_rule rule,
      link_signer links = link_signer{},
      session_signer sessions = session_signer{}
  );

  access_decision admit(const request& req, std::string_view route, time_point now);

  /// Takes from the bucket of the caller's key what its call costs besides, as a batch of jobs
  /// does; how the key stands now, as headers of the answer.
  header_list charge(const caller& caller, double calls, time_point now);

  /// The path as a link that is good until then, with the rights of the caller's key; without a
  /// signature where the key is gone.
  [[nodiscard]] std::string sign_link(
      const caller& caller, const std::string& path, timestamp expires
  ) const;

  /// The value of a cookie by which a browser may call in the name of the caller's key until then;
  /// nothing where the key is gone.
  [[nodiscard]] std::optional<std::string> sign_session(const caller& caller, timestamp expires)
      const;

  /// True where the call shows a known key itself, or a session of one: only of those is a body
  /// read.
  [[nodiscard]] bool knows(const request& head) const;

  /// Not for several threads at a time. From now on these keys count, at least one, and no others.
  /// A key that stays as it was keeps what it has left of its rate; one that is gone or has changed
  /// is revoked.
  key_changes replace_keys(std::vector<adapters::caller_key> keys);

 private:
  struct key_account;
  struct key_ring;
  struct presented;

  [[nodiscard]] std::shared_ptr<const key_ring> ring() const;
  [[nodiscard]] presented find(const request& req) const;
  [[nodiscard]] presented find_link(const request& req) const;
  [[nodiscard]] presented find_session_of(const request& req) const;
  [[nodiscard]] access_decision authorize_stranger(
      const request& req, const presented& shown, time_point now
  );

  rate_rule rule_;
  link_signer links_;
  session_signer sessions_;
  mutable std::mutex mutex_;  ///< of the ring, of each key's bucket and of the strangers'
  std::shared_ptr<const key_ring> ring_;
  rate_limiter strangers_;
};

}  // namespace stayler::http
