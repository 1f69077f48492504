// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/child_process.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace stayler::test {

/// A real forward proxy (tinyproxy) on a free loopback port, which asks for a password and speaks
/// CONNECT to any port. Ends with the object.
class proxy_process {
 public:
  static constexpr const char* user = "ann";
  static constexpr const char* password = "proxy-password";

  /// The test fails with apt's line where there is no tinyproxy.
  proxy_process();
  proxy_process(const proxy_process&) = delete;
  proxy_process& operator=(const proxy_process&) = delete;
  ~proxy_process();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// "http://USER:PASSWORD@127.0.0.1:PORT"
  [[nodiscard]] std::string url(const std::string& with_password = password) const;

  /// What it has logged, each request among it: "CONNECT 127.0.0.2:443 HTTP/1.1".
  [[nodiscard]] std::string log() const;

 private:
  temporary_folder folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace stayler::test
