// SPDX-License-Identifier: MIT
#include "tests/e2e/limits/http_flood.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// Between two rounds over all clients.
constexpr auto tick = 20ms;

constexpr std::string_view endless_head = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

/// One address may have a part of all connections only.
std::string address_of(std::size_t number) {
  return "127.0.0." + std::to_string(2 + number % 16);
}

int connect_from(const std::string& from, std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, from.c_str(), &address.sin_addr);
  const auto* general = reinterpret_cast<const sockaddr*>(&address);
  REQUIRE(::bind(socket, general, sizeof(address)) == 0);
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket, general, sizeof(address)) == 0);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
  return socket;
}

}  // namespace

struct http_flood::client {
  enum class kind : std::uint8_t { trickle, reader, upload };

  kind what;
  int socket;
  clock::time_point begun;
  std::size_t moved = 0;  ///< bytes, read or sent
  std::string answer;
  bool is_done = false;

  client(kind of, int on) : what(of), socket(on), begun(clock::now()) {}
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() { ::close(socket); }

  /// How many bytes may be moved by now that were not.
  [[nodiscard]] std::size_t quota(clock::time_point now, double rate) const {
    const std::chrono::duration<double> since = now - begun;
    const auto all = static_cast<std::size_t>(since.count() * rate);
    return all - std::min(moved, all);
  }

  /// Of the text, what is not sent yet and may be sent now.
  void send(std::string_view text, std::size_t offset, std::size_t at_most) {
    const auto rest = text.substr(std::min(offset, text.size()), at_most);
    const ssize_t count = rest.empty() ? 0 : ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count > 0) {
      moved += static_cast<std::size_t>(count);
    } else if (count < 0 && errno != EAGAIN) {
      is_done = true;
    }
  }

  std::size_t receive(std::size_t at_most) {
    static thread_local std::array<char, 65'536> bytes;
    const ssize_t count = ::recv(socket, bytes.data(), std::min(at_most, bytes.size()), 0);
    if (count > 0 && what == kind::upload) {
      answer.append(bytes.data(), static_cast<std::size_t>(count));
    }
    is_done = is_done || count == 0 || (count < 0 && errno != EAGAIN);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
};

http_flood::http_flood(
    std::uint16_t port, const flood_size& size, std::string read_path, std::string_view picture
)
    : port_(port),
      size_(size),
      read_path_(std::move(read_path)),
      picture_(picture),
      upload_head_(
          "POST /images?userId=flood HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
          "Content-Length: "
          + std::to_string(picture.size()) + "\r\n\r\n"
      ) {
  const auto add = [this](std::size_t count, client::kind what) {
    for (std::size_t i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<client>(what, connect_from(address_of(i), port_)));
    }
  };
  add(size.trickling_heads, client::kind::trickle);
  add(size.slow_readers, client::kind::reader);
  add(size.uploads, client::kind::upload);
  const std::string question = "GET " + read_path_ + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const auto& each : clients_) {
    if (each->what == client::kind::reader) {
      each->send(question, 0, question.size());
      each->moved = 0;
    }
  }
}

http_flood::~http_flood() = default;

void http_flood::run_for(std::chrono::milliseconds limit) {
  const auto end = clock::now() + limit;
  while (clock::now() < end && !has_answers()) {
    const auto now = clock::now();
    step(now);
    std::this_thread::sleep_until(now + tick);
  }
}

bool http_flood::has_answers() const {
  return std::ranges::all_of(clients_, [](const auto& each) {
    return each->what != client::kind::upload || each->is_done;
  });
}

void http_flood::step(clock::time_point now) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    auto& each = *clients_[i];
    if (each.what == client::kind::trickle) {
      each.send(endless_head, 0, each.moved < endless_head.size() ? endless_head.size() : 0);
      each.send("x", 0, std::min<std::size_t>(each.quota(now, endless_head.size() + 1.0), 1));
      each.receive(1'000);
      if (each.is_done) {  // given up by the server: comes again
        clients_[i] = std::make_unique<client>(each.what, connect_from(address_of(i), port_));
      }
    } else if (each.what == client::kind::reader && !each.is_done) {
      const auto count = each.quota(now, size_.bytes_per_second);
      const auto read = count > 0 ? each.receive(count) : 0;
      each.moved += read;
      bytes_read_ += read;
    } else if (each.what == client::kind::upload && !each.is_done) {
      const auto quota = each.quota(now, size_.bytes_per_second);
      if (each.moved < upload_head_.size()) {
        each.send(upload_head_, each.moved, upload_head_.size());
      } else {
        each.send(picture_, each.moved - upload_head_.size(), quota);
      }
      each.receive(10'000);
      each.is_done = each.is_done || each.answer.find("\r\n\r\n") != std::string::npos;
      if (each.is_done) {
        const auto status = each.answer.substr(std::min<std::size_t>(each.answer.size(), 9), 3);
        ++statuses_[static_cast<unsigned>(std::strtoul(status.c_str(), nullptr, 10))];
        ::shutdown(each.socket, SHUT_RDWR);
      }
    }
  }
}

}  // namespace stayler::test
