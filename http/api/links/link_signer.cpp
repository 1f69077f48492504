// SPDX-License-Identifier: MIT
#include "http/api/links/link_signer.hpp"

#include <utility>

namespace stayler::http {

link_signer::link_signer(std::string secret, std::shared_ptr<const adapters::wall_clock> clock)
    : signature_(std::move(secret)), clock_(std::move(clock)) {}

std::string link_signer::sign(
    const std::string& path, const adapters::caller_key& key, timestamp expires
) const {
  const auto seconds = unix_seconds_text(expires);
  return path + "?key=" + key.name + "&expires=" + seconds
         + "&signature=" + signature_.sign(path, key, seconds);
}

link_signer::verdict link_signer::check(const request& received, const adapters::caller_key& key)
    const {
  return signature_.check(
      received.path, key, received.parameter("expires").value_or(""),
      received.parameter("signature").value_or(""), clock_->now()
  );
}

}  // namespace stayler::http
