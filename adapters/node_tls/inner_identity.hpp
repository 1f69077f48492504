// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/node_credentials.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace stayler::adapters {

/// What CAF and the relay before it trust each other by, on loopback: a certificate made for this
/// process alone, whose key never touches a disk. So the certificate that the process shows outside
/// may be for one purpose only, and nobody else's opens the port on loopback.
class inner_identity {
 public:
  /// `names` are those that the certificate is for, as OpenSSL writes them
  /// ("DNS:a.b,IP:127.0.0.1"); empty: none. unavailable.
  static result<inner_identity> make(const std::string& names = {});

  /// Names for files in memory, good in this process while the identity is there.
  [[nodiscard]] node_credentials files() const;

  /// The files themselves, for a child process: certificate and key.
  [[nodiscard]] std::pair<int, int> descriptors() const;

 private:
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using memory_file = std::unique_ptr<std::FILE, closer>;

  static memory_file make_file();

  memory_file certificate_;
  memory_file key_;
};

}  // namespace stayler::adapters
