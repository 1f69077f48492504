// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/connection/redis_reply.hpp"
#include "adapters/redis/redis_url.hpp"
#include "adapters/tls/tls_tunnel.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct redisContext;

namespace stayler::adapters {

/// What a server says of itself when it is greeted. Servers and proxies that do not answer the
/// greeting say nothing: then all is unknown.
struct redis_server_info {
  std::string version;      ///< "7.0.15"; empty: unknown
  bool is_cluster = false;  ///< a node of a cluster
  bool is_replica = false;  ///< the master is another one
};

/// A connection of one thread. Once a call has failed with a transport error the connection is of
/// no more use.
class redis_connection {
 public:
  /// Connects to one server, the first of the addresses or the socket, with TLS checks the server's
  /// certificate and name, logs in, selects the database. unavailable; authentication where the
  /// login is refused; permission where the server takes no strangers; invalid_input where there is
  /// no such database.
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
  /// The same, where an error of the server is an answer too.
  result<redis_reply> ask(std::initializer_list<std::string_view> arguments);

  /// For waiting until something arrives.
  [[nodiscard]] int descriptor() const noexcept;

  /// True where the server has closed the connection, as far as is known without asking it: one
  /// that has been idle is better left than found broken. To be asked while no answer is due.
  [[nodiscard]] bool has_ended() const noexcept;

  [[nodiscard]] const redis_server_info& server() const noexcept { return server_; }

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
  void_result authenticate(const redis_login& login);
  void_result select(std::uint32_t database);
  void_result greet();
  failure why_refused(redis_value error, error_class kind);

  std::unique_ptr<tls_tunnel> tunnel_;  ///< null without TLS; outlives the socket that it feeds
  std::unique_ptr<redisContext, closer> context_;
  redis_server_info server_;
};

}  // namespace stayler::adapters
