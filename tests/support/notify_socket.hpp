// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_descriptor/file_descriptor.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>

namespace stayler::test {

/// Where a service manager listens to its services: NOTIFY_SOCKET of sd_notify(3).
class notify_socket {
 public:
  /// A path, or, behind an @, a name that is in no folder.
  explicit notify_socket(std::string address)
      : address_(std::move(address)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    REQUIRE(address_.size() < sizeof own.sun_path);
    std::memcpy(own.sun_path, address_.data(), address_.size());
    const bool is_abstract = address_.front() == '@';
    if (is_abstract) {
      own.sun_path[0] = '\0';
    }
    const auto length = offsetof(sockaddr_un, sun_path) + address_.size() + (is_abstract ? 0 : 1);
    REQUIRE(
        ::bind(
            socket_.number(), reinterpret_cast<const sockaddr*>(&own),
            static_cast<socklen_t>(length)
        )
        == 0
    );
  }

  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  /// The next message; nothing where none comes in time.
  [[nodiscard]] std::optional<std::string> next(std::chrono::milliseconds limit) const {
    pollfd readable{socket_.number(), POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(limit.count())) <= 0) {
      return std::nullopt;
    }
    std::array<char, 4096> buffer{};
    const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
    REQUIRE(size >= 0);
    return std::string{buffer.data(), static_cast<std::size_t>(size)};
  }

  /// The first message from now on that begins with this; the test fails where none comes in time.
  [[nodiscard]] std::string await(
      const std::string& beginning, std::chrono::milliseconds limit = std::chrono::seconds{20}
  ) const {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string heard;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now()
      );
      const auto message = left.count() > 0 ? next(left) : std::nullopt;
      if (!message) {
        FAIL("no " << beginning << " in time; heard:\n" << heard);
      }
      if (message->rfind(beginning, 0) == 0) {
        return *message;
      }
      heard += *message + "\n";
    }
  }

 private:
  std::string address_;
  adapters::file_descriptor socket_;
};

}  // namespace stayler::test
