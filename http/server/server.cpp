// SPDX-License-Identifier: MIT
#include "http/server/server.hpp"

#include "adapters/log/log.hpp"
#include "http/server/connections/connection_places.hpp"
#include "http/server/connections/forwarded_for.hpp"
#include "http/server/connections/proxy_greeting.hpp"
#include "http/server/session/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace stayler::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using adapters::logs::http::log;

/// Pause after the system has refused a connection (no file descriptors), which it will do again.
constexpr milliseconds accept_pause{100};

/// For bodies that wait in files: one that waits for the disk must not hold up all others.
constexpr std::size_t file_threads = 2;

class beast_server final : public server {
 public:
  beast_server(server_options options, handler handle)
      : context_{
          std::move(options), std::move(handle), std::make_shared<response_queue>(io_), false,
          [this](const auto& which) { on_closed(which); }} {
    if (!context_.options.spool.folder.empty()) {
      context_.files = &files_.emplace(file_threads);
    }
  }

  beast_server(const beast_server&) = delete;
  beast_server& operator=(const beast_server&) = delete;

  ~beast_server() override {
    stop(milliseconds{0});
    context_.answers->close();
  }

  error_code listen();
  void run();

  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
  void say_farewell() override;
  void stop(milliseconds grace) override;

 private:
  void do_accept();
  void on_accept(error_code ec, tcp::socket socket);
  void welcome(tcp::socket socket);
  void await_greeting(tcp::socket socket, std::string peer);
  void serve(tcp::socket socket, std::string caller);
  connection_places::admission admit(const session& newcomer);
  bool free_idle_place();
  [[nodiscard]] std::vector<std::shared_ptr<session>> all_sessions() const;
  void do_sweep();
  void close_overdue();
  void begin_stop(milliseconds grace);
  void on_closed(const std::shared_ptr<session>& which);
  void end_if_idle();
  [[nodiscard]] milliseconds sweep_interval() const;

  asio::io_context io_{1};
  session_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(io_);
  tcp::acceptor acceptor_{io_};
  asio::steady_timer accept_timer_{io_};
  asio::steady_timer sweep_timer_{io_};
  asio::steady_timer grace_timer_{io_};
  connection_places places_{
      {context_.options.max_connections, context_.options.max_connections_per_address}};
  std::unordered_set<std::shared_ptr<proxy_greeting>> greetings_;  ///< that have not come yet
  std::unordered_map<std::shared_ptr<session>, bool> sessions_;    ///< and whether each is served
  bool is_sweeping_ = false;
  std::uint16_t port_ = 0;
  std::mutex stop_mutex_;
  std::thread thread_;
  std::optional<asio::thread_pool> files_;  ///< last: what it still holds refers to all others
};

error_code beast_server::listen() {
  error_code ec;
  const auto address = asio::ip::make_address(context_.options.address, ec);
  if (ec) {
    return ec;
  }
  const tcp::endpoint endpoint{address, context_.options.port};
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) {
    acceptor_.set_option(asio::socket_base::reuse_address{true}, ec);
  }
  if (!ec) {
    acceptor_.bind(endpoint, ec);
  }
  if (!ec) {
    acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  }
  if (!ec) {
    port_ = acceptor_.local_endpoint(ec).port();
  }
  return ec;
}

void beast_server::run() {
  do_accept();
  thread_ = std::thread{[this] {
    for (bool is_done = false; !is_done;) {
      try {
        io_.run();
        is_done = true;
      } catch (const std::exception& e) {
        log.error("the server goes on after an exception", {{"reason", e.what()}});
      }
    }
  }};
}

void beast_server::say_farewell() {
  asio::post(io_, [this] { context_.is_leaving = true; });
}

void beast_server::stop(milliseconds grace) {
  const std::lock_guard lock{stop_mutex_};
  if (thread_.joinable()) {
    asio::post(io_, [this, grace] { begin_stop(grace); });
    thread_.join();
  }
}

void beast_server::do_accept() {
  acceptor_.async_accept([this](error_code ec, tcp::socket socket) {
    on_accept(ec, std::move(socket));
  });
}

void beast_server::on_accept(error_code ec, tcp::socket socket) {
  if (!acceptor_.is_open()) {
    return;
  }
  if (!ec) {
    do_accept();
    welcome(std::move(socket));
    return;
  }
  log.warning("cannot accept a connection", {{"reason", ec.message()}});
  accept_timer_.expires_after(accept_pause);
  accept_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) {
      do_accept();
    }
  });
}

void beast_server::welcome(tcp::socket socket) {
  error_code ignored;
  auto peer = socket.remote_endpoint(ignored).address().to_string();
  const auto& options = context_.options;
  if (options.expects_proxy_header && is_trusted(options.trusted_proxies, peer)) {
    await_greeting(std::move(socket), std::move(peer));
  } else {
    serve(std::move(socket), std::move(peer));
  }
}

void beast_server::await_greeting(tcp::socket socket, std::string peer) {
  if (greetings_.size() >= context_.options.max_connections) {
    return;
  }
  const auto added = std::make_shared<proxy_greeting>(std::move(socket), std::move(peer));
  greetings_.insert(added);
  added->start(
      context_.options.read_timeout,
      [this](const std::shared_ptr<proxy_greeting>& greeting, std::optional<std::string> caller) {
        greetings_.erase(greeting);
        if (caller && !context_.is_draining) {
          serve(greeting->take_socket(), *std::move(caller));
        }
      }
  );
}

void beast_server::serve(tcp::socket socket, std::string caller) {
  using admission = connection_places::admission;
  const auto added = std::make_shared<session>(std::move(socket), std::move(caller), context_);
  const auto verdict = admit(*added);
  if (verdict == admission::welcome) {
    places_.enter(added->network());
    sessions_.emplace(added, true);
    added->start();
  } else if (places_.may_refuse()) {
    places_.begin_refusal();
    sessions_.emplace(added, false);
    added->refuse(
        verdict == admission::all_taken ? "too many connections"
                                        : "too many connections of this address"
    );
  }
  if (!is_sweeping_) {
    do_sweep();
  }
}

connection_places::admission beast_server::admit(const session& newcomer) {
  const auto verdict = places_.judge(newcomer.network());
  return verdict == connection_places::admission::all_taken && free_idle_place()
             ? places_.judge(newcomer.network())
             : verdict;
}

bool beast_server::free_idle_place() {
  if (context_.waiting.empty()) {
    return false;
  }
  session& idlest = *context_.waiting.front();
  if (session::clock::now() - idlest.waiting_since() < context_.options.spare_after) {
    return false;
  }
  idlest.close();
  return true;
}

std::vector<std::shared_ptr<session>> beast_server::all_sessions() const {
  std::vector<std::shared_ptr<session>> all;
  all.reserve(sessions_.size());
  for (const auto& [each, is_served] : sessions_) {
    all.push_back(each);
  }
  return all;
}

milliseconds beast_server::sweep_interval() const {
  const auto& options = context_.options;
  const auto shortest = std::min(
      {options.handshake_timeout, options.read_timeout, options.idle_timeout, options.write_timeout}
  );
  return std::clamp(shortest / 8, milliseconds{5}, milliseconds{250});
}

// One timer for all connections: a deadline that moves with every request costs nothing this way.
void beast_server::do_sweep() {
  is_sweeping_ = !sessions_.empty();
  if (!is_sweeping_) {
    return;
  }
  sweep_timer_.expires_after(sweep_interval());
  sweep_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled) {
      do_sweep();
      close_overdue();
    }
  });
}

void beast_server::close_overdue() {
  const auto now = session::clock::now();
  std::vector<std::shared_ptr<session>> overdue;
  for (const auto& [each, is_served] : sessions_) {
    if (each->is_overdue(now)) {
      overdue.push_back(each);
    }
  }
  for (const auto& each : overdue) {
    each->on_deadline();
  }
}

void beast_server::begin_stop(milliseconds grace) {
  context_.is_draining = true;
  error_code ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
  for (const auto& each : std::exchange(greetings_, {})) {
    each->close();
  }
  for (const auto& each : all_sessions()) {
    each->drain();
  }
  grace_timer_.expires_after(grace);
  grace_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled) {
      for (const auto& each : all_sessions()) {
        each->close();
      }
    }
  });
  end_if_idle();
}

void beast_server::on_closed(const std::shared_ptr<session>& which) {
  const auto known = sessions_.find(which);
  if (known == sessions_.end()) {
    return;
  }
  if (known->second) {
    places_.leave(which->network());
  } else {
    places_.end_refusal();
  }
  sessions_.erase(known);
  end_if_idle();
}

void beast_server::end_if_idle() {
  if (context_.is_draining && sessions_.empty()) {
    grace_timer_.cancel();
    sweep_timer_.cancel();
    guard_.reset();
  }
}

}  // namespace

result<std::unique_ptr<server>> server::start(server_options options, handler handle) {
  const auto where = options.address + " port " + std::to_string(options.port);
  auto made = std::make_unique<beast_server>(std::move(options), std::move(handle));
  if (const auto ec = made->listen()) {
    return failure{error_class::unavailable, "cannot listen on " + where + ": " + ec.message()};
  }
  made->run();
  return std::unique_ptr<server>{std::move(made)};
}

}  // namespace stayler::http
