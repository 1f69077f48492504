// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace stayler::http {

/// The event streams that are open, each of which holds a connection. From any thread.
class stream_tickets {
 public:
  /// At a time; of one key, so that it leaves some to the others.
  stream_tickets(std::size_t in_all, std::size_t per_key);

  /// A ticket for one stream, to be held as long as it lives. `key`: the name of the caller's;
  /// empty where there are no keys, and nobody to tell apart. Errors: unavailable where there are
  /// too many streams, rate_limited where the key has too many of them.
  result<std::shared_ptr<void>> take(const std::string& key);

  /// How many there are.
  [[nodiscard]] std::uint64_t open() const;

 private:
  class counter;

  std::shared_ptr<counter> open_;
};

}  // namespace stayler::http
