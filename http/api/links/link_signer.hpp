// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "http/api/links/key_signature.hpp"
#include "http/server/message.hpp"

#include <memory>
#include <string>

namespace stayler::http {

/// Signs paths in the name of a key, for callers that cannot send a header: <img> and EventSource.
/// A signed link opens that one path for GET and HEAD, with the rights that the key has then, until
/// it expires or the key is changed. From any thread.
class link_signer {
 public:
  using verdict = key_signature::verdict;

  /// `secret`: the same wherever the links are to be good; empty: one of this object's own.
  explicit link_signer(
      std::string secret = {},
      std::shared_ptr<const adapters::wall_clock> clock =
          std::make_shared<adapters::system_wall_clock>()
  );

  /// The path with the parameters "key", "expires" (Unix seconds) and "signature" (HMAC-SHA256).
  [[nodiscard]] std::string sign(
      const std::string& path, const adapters::caller_key& key, timestamp expires
  ) const;

  /// Of a request with these parameters. Whether a forged signature was nearly right, its time does
  /// not tell.
  [[nodiscard]] verdict check(const request& received, const adapters::caller_key& key) const;

 private:
  key_signature signature_;
  std::shared_ptr<const adapters::wall_clock> clock_;
};

}  // namespace stayler::http
