// SPDX-License-Identifier: MIT
#include "adapters/service_manager/systemd_service_manager.hpp"

#include "adapters/file_descriptor/file_descriptor.hpp"
#include "messages/base/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

using std::chrono::microseconds;

/// A manager that is slow to read holds us up for so long.
constexpr timeval send_limit{1, 0};

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

/// A path, or, behind an @, a name that is in no folder ("abstract").
bool is_address(const std::string& text) {
  return text.size() > 1 && text.size() < sizeof(sockaddr_un::sun_path)
         && (text.front() == '/' || text.front() == '@');
}

/// WATCHDOG_PID says whom it is meant for: it may have been inherited from somebody else.
std::optional<microseconds> take_patience() {
  const std::string length = take_variable("WATCHDOG_USEC");
  const std::string process = take_variable("WATCHDOG_PID");
  if (!process.empty() && process != std::to_string(::getpid())) {
    return std::nullopt;
  }
  const auto parsed = parse_number<std::int64_t>(length);
  if (!parsed || *parsed <= 0) {
    return std::nullopt;
  }
  return microseconds{*parsed};
}

/// A line end would begin another variable.
std::string status_variable(std::string_view line) {
  std::string variable{"STATUS="};
  for (const char c : line) {
    variable += c == '\n' ? ' ' : c;
  }
  return variable;
}

std::string monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000);
}

class systemd_service_manager final : public service_manager {
 public:
  systemd_service_manager(std::string address, std::optional<microseconds> patience)
      : address_(std::move(address)),
        patience_(patience),
        socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
  }

  void status(std::string_view line) override { send(status_variable(line)); }

  void ready(std::string_view line) override { send("READY=1\n" + status_variable(line)); }

  void reloading() override { send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_now()); }

  void stopping(std::string_view line) override { send("STOPPING=1\n" + status_variable(line)); }

  void is_alive() override {
    if (patience_) {
      send("WATCHDOG=1");
    }
  }

  void still_stopping(microseconds longer) override {
    send("EXTEND_TIMEOUT_USEC=" + std::to_string(longer.count()));
  }

  [[nodiscard]] std::optional<microseconds> patience() const override { return patience_; }

 private:
  void send(const std::string& variables) const {
    sockaddr_un target{};
    target.sun_family = AF_UNIX;
    std::memcpy(target.sun_path, address_.data(), address_.size());
    if (address_.front() == '@') {
      target.sun_path[0] = '\0';
    }
    // An abstract name ends with the address, and has no zero of its own.
    const auto length =
        offsetof(sockaddr_un, sun_path) + address_.size() + (address_.front() == '@' ? 0 : 1);
    [[maybe_unused]] const auto sent = ::sendto(
        socket_.number(), variables.data(), variables.size(), MSG_NOSIGNAL,
        reinterpret_cast<const sockaddr*>(&target), static_cast<socklen_t>(length)
    );
  }

  std::string address_;
  std::optional<microseconds> patience_;
  file_descriptor socket_;
};

}  // namespace

std::shared_ptr<service_manager> find_systemd() {
  std::string address = take_variable("NOTIFY_SOCKET");
  const auto patience = take_patience();
  if (!is_address(address)) {
    return nullptr;
  }
  return std::make_shared<systemd_service_manager>(std::move(address), patience);
}

}  // namespace stayler::adapters
