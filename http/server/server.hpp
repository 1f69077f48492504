// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/ip_network/ip_network.hpp"
#include "http/server/memory/http_memory.hpp"
#include "http/server/memory/spool_file.hpp"
#include "http/server/message.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stayler::http {

class server_tls;
class standing_headers;

/// Where a server listens and what it puts up with.
struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one
  std::size_t max_header_bytes = std::size_t{16} * 1024;
  std::size_t max_header_fields = 100;
  std::size_t max_body_bytes = std::size_t{1024} * 1024;
  /// The body limit for one request, by its head (method and path); none: max_body_bytes.
  std::function<std::size_t(std::string_view method, std::string_view path)> body_limit;
  /// Whether the body of a request is read at all, by its head. Where it is not, the handler gets
  /// the head alone, and the connection ends with its answer. None: every body is.
  std::function<bool(const request& head)> reads_body;
  std::shared_ptr<http_memory> memory;  ///< for bodies and answers; null: as much as they need
  spool_options spool;                  ///< where large bodies wait until they are whole
  milliseconds room_patience{30'000};   ///< of a whole body that finds no memory; then it gets 503
  std::shared_ptr<server_tls> tls;      ///< null: plain HTTP
  /// What the answer to a request of that head says besides; null: nothing. The head is empty where
  /// it could not be read. What is returned has to outlive the server. None: nothing ever.
  std::function<const http::standing_headers*(const request& head)> standing_headers;
  milliseconds handshake_timeout{10'000};   ///< of TLS
  milliseconds read_timeout{15'000};        ///< for a head; of a body, until its rate counts
  std::size_t min_body_rate = 16UL * 1024;  ///< bytes a second; a slower body is given up
  /// Between two requests of one connection. Longer than that of balancers, most of which take a
  /// minute: they would else send a request into a connection that is just being closed.
  milliseconds idle_timeout{75'000};
  milliseconds write_timeout{60'000};    ///< for part_bytes of an answer
  std::size_t max_connections = 10'000;  ///< further ones get 503 and are closed
  /// The same for those of one address, of IPv6 of one /64 network. 0: max_connections.
  std::size_t max_connections_per_address = 0;
  /// Proxies that say for whom they call: what counts as a request's remote_address is then the
  /// caller's address. A connection of theirs is not counted as their own, as many callers share
  /// it.
  std::vector<adapters::ip_network> trusted_proxies;
  /// Whether they say it by a PROXY header in front of each connection, and have to; otherwise they
  /// may, by X-Forwarded-For. With such a header, X-Forwarded-For is read where the address in it
  /// is trusted as well.
  bool expects_proxy_header = false;
  /// Who has waited that long for a request gives its place to a newcomer where all are taken.
  milliseconds spare_after{1'000};
  std::string server_name = "stayler";
};

/// An HTTP/1.1 server on Boost.Beast: keep-alive, limits, timeouts, one I/O thread. A malformed
/// request gets a 400, one over its limits a 413 or 431, as problem+json, and the connection is
/// closed. With TLS, so is a connection whose handshake fails; a plain request gets a 400. Thin: it
/// parses, calls the handler and renders the answer.
class server {
 public:
  /// Listens at once; requests are served on the server's own thread. Errors: unavailable with the
  /// address, the port and the system's reason.
  static result<std::unique_ptr<server>> start(server_options options, handler handle);

  /// Stops at once.
  virtual ~server() = default;

  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;

  /// From now on each connection ends with its next answer, and says so, while all requests are
  /// still served: whoever keeps connections open goes on elsewhere before this server ends. From
  /// any thread.
  virtual void say_farewell() = 0;

  /// Accepts no more connections, lets requests under way be answered for that long, then closes
  /// everything. Blocks until done.
  virtual void stop(milliseconds grace) = 0;
};

}  // namespace stayler::http
