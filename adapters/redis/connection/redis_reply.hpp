// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct redisReply;

namespace stayler::adapters {

/// One value of an answer; valid as long as the answer that it is part of.
class redis_value {
 public:
  explicit redis_value(const redisReply* reply) noexcept : reply_(reply) {}

  [[nodiscard]] bool is_nil() const noexcept;
  [[nodiscard]] bool is_error() const noexcept;
  /// Bytes of a string, a status or an error; empty for all else.
  [[nodiscard]] std::string_view text() const noexcept;
  /// The first word of an error: OOM, NOSCRIPT, READONLY, ... Where a command of a script has
  /// failed it is that command's, also with servers that hand it on inside a text (before 7.0).
  [[nodiscard]] std::string_view code() const noexcept;
  /// An integer, also where it was sent as text; 0 for all else.
  [[nodiscard]] std::int64_t number() const noexcept;
  /// Elements of an array; 0 for all else.
  [[nodiscard]] std::size_t size() const noexcept;
  /// An element of an array; nil beyond its end.
  redis_value operator[](std::size_t index) const noexcept;

 private:
  const redisReply* reply_;
};

/// An answer of the server.
class redis_reply {
 public:
  explicit redis_reply(redisReply* reply) noexcept : reply_(reply) {}

  [[nodiscard]] redis_value value() const noexcept { return redis_value{reply_.get()}; }

 private:
  struct deleter {
    void operator()(redisReply* reply) const noexcept;
  };
  std::unique_ptr<redisReply, deleter> reply_;
};

/// What an error of the server means to a running service: OOM is store_full; what says that the
/// command itself is wrong internal_bug; all else unavailable: it ends with the server's state
/// (loading, read-only, cluster down, ...), or when the operator has given the user its password
/// and rights back.
failure to_failure(redis_value error);

/// True where the error says that another server has to be asked, or this one anew: it is no master
/// any more, has lost its cluster, or no longer knows who is speaking. A new connection finds the
/// right one.
bool leads_elsewhere(redis_value answer) noexcept;

}  // namespace stayler::adapters
