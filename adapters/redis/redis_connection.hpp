// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/redis_url.hpp"
#include "adapters/tls/tls_tunnel.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct redisContext;
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
  /// The first word of an error: OOM, NOSCRIPT, READONLY, ...
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

/// What an error of the server means: OOM is store_full; a refused login authentication; what ends
/// with the server's state (loading, read-only replica, cluster down) unavailable.
failure to_failure(redis_value error);

/// A connection of one thread. Once a call has failed with a transport error the connection is of
/// no more use.
class redis_connection {
 public:
  /// Connects, with TLS checks the server's certificate and name, logs in, selects the database.
  /// unavailable, authentication.
  static result<redis_connection> open(const redis_options& options);

  /// Adds a command to the pipeline; nothing is sent before the first receive.
  void append(std::span<const std::string_view> arguments);
  void append(std::initializer_list<std::string_view> arguments) {
    append(std::span{arguments.begin(), arguments.size()});
  }

  /// The answer to the oldest command that has none yet, also where it is an error of the server.
  /// unavailable where the connection broke or nothing came in time.
  result<redis_reply> receive();

  /// What came together with an answer that was received, if anything did: the descriptor does not
  /// announce it again.
  std::optional<redis_reply> buffered_reply();

  /// Sends what was added, without waiting for an answer. unavailable where the connection broke.
  void_result send();

  /// One command and its answer; an error of the server is a failure.
  result<redis_reply> command(std::initializer_list<std::string_view> arguments);

  /// For waiting until something arrives.
  [[nodiscard]] int descriptor() const noexcept;

 private:
  struct closer {
    void operator()(redisContext* context) const noexcept;
  };
  explicit redis_connection(redisContext* context) noexcept : context_(context) {}

  /// Not logged in yet.
  static result<redis_connection> connect(const redis_options& options);
  static result<redis_connection> connect_by_tls(const redis_options& options);

  [[nodiscard]] failure broken() const;
  void_result log_in(const redis_options& options);

  std::unique_ptr<tls_tunnel> tunnel_;  ///< null without TLS; outlives the socket that it feeds
  std::unique_ptr<redisContext, closer> context_;
};

}  // namespace stayler::adapters
