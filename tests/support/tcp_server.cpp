// SPDX-License-Identifier: MIT
#include "tests/support/tcp_server.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::test {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto at = head.find(name);
  return at == std::string_view::npos ? 0 : std::stoul(std::string{head.substr(at + name.size())});
}

}  // namespace

bool tcp_connection::receive() {
  std::array<char, 65'536> chunk;
  const auto count = ::recv(fd_, chunk.data(), chunk.size(), 0);
  if (count <= 0) {
    return false;
  }
  buffer_.append(chunk.data(), static_cast<std::size_t>(count));
  return true;
}

std::string tcp_connection::read_head() {
  constexpr std::string_view end_of_head = "\r\n\r\n";
  auto end = buffer_.find(end_of_head);
  while (end == std::string::npos) {
    if (!receive()) {
      return {};
    }
    end = buffer_.find(end_of_head);
  }
  end += end_of_head.size();
  auto head = buffer_.substr(0, end);
  buffer_.erase(0, end);
  return head;
}

std::string tcp_connection::read_bytes(std::size_t count) {
  while (buffer_.size() < count && receive()) {
  }
  auto bytes = buffer_.substr(0, count);
  buffer_.erase(0, bytes.size());
  return bytes;
}

std::string tcp_connection::read_request() {
  auto request = read_head();
  return request + read_bytes(content_length(request));
}

void tcp_connection::write(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void tcp_connection::answer(std::string_view body) {
  std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size());
  whole += "\r\n\r\n";
  whole += body;
  write(whole);
}

void tcp_connection::await_close() {
  while (receive()) {
  }
}

void tcp_connection::reset_on_close() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

tcp_server::tcp_server(handler serve, std::uint16_t port) : serve_(std::move(serve)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // A server that comes back finds connections of its predecessor still closing.
  const int reuse = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, generic, length) != 0 || ::listen(listener_, 4096) != 0
      || ::getsockname(listener_, generic, &length) != 0) {
    fail("cannot listen on loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

tcp_server::~tcp_server() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::scoped_lock lock{mutex_};
    is_closing_ = true;
    for (const int fd : open_) {
      ::shutdown(fd, SHUT_RDWR);
    }
  }
  for (auto& thread : threads_) {
    thread.join();
  }
}

std::string tcp_server::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string{path};
}

std::size_t tcp_server::connections() const {
  const std::scoped_lock lock{mutex_};
  return accepted_;
}

void tcp_server::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      return;
    }
    const std::scoped_lock lock{mutex_};
    threads_.emplace_back([this, fd, number = accepted_++] { serve(fd, number); });
    open_.push_back(fd);
  }
}

void tcp_server::serve(int fd, std::size_t number) {
  tcp_connection connection{fd, number};
  serve_(connection);
  const std::scoped_lock lock{mutex_};
  open_.remove(fd);
  ::close(fd);
}

}  // namespace stayler::test
