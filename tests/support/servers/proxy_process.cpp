// SPDX-License-Identifier: MIT
#include "tests/support/servers/proxy_process.hpp"

#include "tests/support/free_port.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace stayler::test {

namespace {

bool takes_connections(std::uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_taken =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return is_taken;
}

[[noreturn]] void run_proxy(const std::string& settings, const std::string& output) {
  const int to = ::open(output.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(to, STDOUT_FILENO);
  ::dup2(to, STDERR_FILENO);
  ::execlp("tinyproxy", "tinyproxy", "-d", "-c", settings.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

proxy_process::proxy_process() : port_(free_port()) {
  const auto settings = folder_.path() / "tinyproxy.conf";
  std::ofstream{settings} << "Port " << port_ << "\nListen 127.0.0.1\nTimeout 60\nLogFile \""
                          << (folder_.path() / "log").string()
                          << "\"\nLogLevel Info\nMaxClients 20\nAllow 127.0.0.1\nBasicAuth " << user
                          << " " << password << "\n";
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    run_proxy(settings, folder_.path() / "output");
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!takes_connections(port_)) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      FAIL("tinyproxy does not run; is it installed? apt-get install tinyproxy");
    }
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

proxy_process::~proxy_process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

std::string proxy_process::url(const std::string& with_password) const {
  return "http://" + std::string{user} + ":" + with_password
         + "@127.0.0.1:" + std::to_string(port_);
}

std::string proxy_process::log() const {
  std::ifstream file{folder_.path() / "log"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace stayler::test
