// SPDX-License-Identifier: MIT
#include "tests/support/servers/redis/redis_process.hpp"

#include "tests/support/free_port.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace stayler::test {

namespace {

/// True where the server on that port answers a PING, be it with a demand for a password.
bool serves(std::uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 64> answer{};
  constexpr std::string_view ping = "PING\r\n";
  const bool is_connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const bool is_answered = is_connected && ::write(probe, ping.data(), ping.size()) > 0
                           && ::read(probe, answer.data(), answer.size()) > 0;
  ::close(probe);
  const std::string_view text{answer.data()};
  return is_answered && (text.starts_with("+PONG") || text.starts_with("-NOAUTH"));
}

[[noreturn]] void run_server(std::vector<std::string> arguments, const std::string& log) {
  const int output = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  std::vector<char*> raw;
  for (std::string& argument : arguments) {
    raw.push_back(argument.data());
  }
  raw.push_back(nullptr);
  ::execvp(raw.front(), raw.data());
  ::_exit(127);
}

}  // namespace

redis_process::redis_process(std::vector<std::string> settings)
    : settings_(std::move(settings)), port_(free_port()) {
  // hiredis writes to connections that have gone; our programs ignore this signal.
  std::signal(SIGPIPE, SIG_IGN);
  start();
}

redis_process::~redis_process() {
  end(SIGKILL);
}

std::string redis_process::url() const {
  return "redis://127.0.0.1:" + std::to_string(port_);
}

std::string redis_process::socket_path() const {
  return (folder_.path() / "socket").string();
}

void redis_process::start() {
  std::vector<std::string> arguments{
      "redis-server",
      "--port",
      std::to_string(port_),
      "--bind",
      "127.0.0.1",
      "--dir",
      folder_.path(),
      "--unixsocket",
      socket_path(),
      "--save",
      "",
      "--appendonly",
      "yes",
      "--appendfsync",
      "always",
      "--daemonize",
      "no"};
  arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    run_server(std::move(arguments), folder_.path() / "log");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!serves(port_)) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      FAIL("redis-server does not run; is it installed? apt-get install redis-server");
    }
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

void redis_process::stop() {
  end(SIGTERM);
}

void redis_process::kill9() {
  end(SIGKILL);
}

void redis_process::pause() const {
  ::kill(pid_, SIGSTOP);
}

void redis_process::resume() const {
  ::kill(pid_, SIGCONT);
}

void redis_process::end(int signal) {
  if (pid_ > 0) {
    ::kill(pid_, SIGCONT);
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

}  // namespace stayler::test
