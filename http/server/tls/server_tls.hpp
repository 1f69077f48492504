// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/key_pair/key_pair.hpp"
#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <memory>
#include <mutex>

namespace boost::asio::ssl {
class context;
}  // namespace boost::asio::ssl

namespace stayler::http {

/// What a server shows of itself, and by which rules it speaks TLS: 1.2 and 1.3, forward secret and
/// authenticated ciphers alone, ALPN http/1.1; no renegotiation, compression or resumption (clients
/// keep their connections; a ticket's key would have to be shared and replaced). For any thread.
class server_tls {
 public:
  using context_ptr = std::shared_ptr<boost::asio::ssl::context>;

  /// Reads the files. Errors as of adapters::use_key_pair().
  static result<std::shared_ptr<server_tls>> open(adapters::key_pair_files files);

  server_tls(adapters::key_pair_files files, context_ptr context);

  /// What a new connection is made with.
  [[nodiscard]] context_ptr context() const;

  /// Reads the files anew, for the connections from now on. Where that fails, or the new pair has
  /// expired and the old one has not, the old pair stays.
  void_result reload();

  /// When the certificate in force expires, or one that it was signed by, whichever is first.
  [[nodiscard]] timestamp expiry() const;

 private:
  adapters::key_pair_files files_;
  mutable std::mutex mutex_;
  context_ptr context_;
};

}  // namespace stayler::http
