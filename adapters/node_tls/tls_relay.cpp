// SPDX-License-Identifier: MIT
#include "adapters/node_tls/tls_relay.hpp"

#include "adapters/key_pair/key_pair.hpp"
#include "adapters/log/log.hpp"
#include "adapters/node_tls/link_files.hpp"
#include "adapters/node_tls/tls_pair.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <list>
#include <random>
#include <thread>
#include <unordered_set>
#include <utility>

namespace stayler::adapters {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using logs::nodes::log;

/// Pause after the system has refused a connection (no file descriptors), which it will do again.
constexpr milliseconds accept_pause{100};

constexpr milliseconds look_interval{1'000};

/// Certificates of open connections are looked at again after this time, and when files change.
constexpr std::chrono::seconds trust_interval{60};

/// A flood of strangers makes one line of the log in this time.
constexpr std::chrono::seconds complaint_interval{10};

class asio_tls_relay final : public tls_relay {
 public:
  asio_tls_relay(const tls_relay_options& options, link_files front, link_files back)
      : options_(options), front_(std::move(front)), back_(std::move(back)) {}

  asio_tls_relay(const asio_tls_relay&) = delete;
  asio_tls_relay& operator=(const asio_tls_relay&) = delete;

  ~asio_tls_relay() override {
    io_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  error_code listen() {
    error_code failed;
    const tcp::endpoint where{asio::ip::make_address(options_.listen.host), options_.listen.port};
    acceptor_.open(where.protocol(), failed);
    if (!failed) {
      acceptor_.set_option(tcp::acceptor::reuse_address{true}, failed);
      acceptor_.bind(where, failed);
    }
    if (!failed) {
      acceptor_.listen(asio::socket_base::max_listen_connections, failed);
    }
    if (!failed) {
      port_ = acceptor_.local_endpoint(failed).port();
    }
    return failed;
  }

  void run() {
    note_expiry();
    accept();
    look();
    thread_ = std::thread{[this] { io_.run(); }};
  }

  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }

  [[nodiscard]] timestamp front_expiry() const noexcept override { return front_expiry_.load(); }
  [[nodiscard]] timestamp back_expiry() const noexcept override { return back_expiry_.load(); }

 private:
  using pair_ptr = std::shared_ptr<tls_pair>;

  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket theirs) {
      if (failed) {
        pause_.expires_after(accept_pause);
        pause_.async_wait([this](error_code) { accept(); });
        return;
      }
      const auto pair =
          std::make_shared<tls_pair>(around_, front_.current(), back_.current(), std::move(theirs));
      make_room(pair->address());
      strangers_.push_back(pair);
      pair->start();
      accept();
    });
  }

  void make_room(const asio::ip::address& address) {
    const auto is_from_there = [&](const pair_ptr& one) { return one->address() == address; };
    const auto of_address = std::ranges::count_if(strangers_, is_from_there);
    pair_ptr oldest;
    if (static_cast<std::size_t>(of_address) >= options_.max_strangers_each) {
      oldest = *std::ranges::find_if(strangers_, is_from_there);
    } else if (strangers_.size() >= options_.max_strangers) {
      oldest = strangers_.front();
    }
    if (oldest) {
      oldest->close("too many connections at a time");
    }
  }

  void trust(const pair_ptr& pair) {
    strangers_.remove(pair);
    open_.insert(pair);
    if (open_.size() > options_.max_open) {
      pair->close("too many nodes");
    }
  }

  void forget(const pair_ptr& pair, const std::string& why) {
    strangers_.remove(pair);
    open_.erase(pair);
    if (why.empty()) {
      return;
    }
    ++complaints_;
    const auto now = std::chrono::steady_clock::now();
    if (now - complained_ >= complaint_interval) {
      complained_ = now;
      log.warning(
          "a connection between nodes was closed", {{"address", pair->address().to_string()},
                                                    {"reason", why},
                                                    {"wasTrusted", pair->is_trusted()},
                                                    {"closed", std::exchange(complaints_, 0)}}
      );
    }
  }

  void look() {
    look_timer_.expires_after(look_interval);
    look_timer_.async_wait([this](error_code) {
      const auto now = std::chrono::steady_clock::now();
      const bool is_front_new = front_.refresh();
      const bool is_back_new = back_.refresh();
      if (is_front_new || is_back_new) {
        note_expiry();
      }
      const bool is_due = is_front_new || is_back_new || now - trust_checked_ >= trust_interval;
      if (is_due) {
        trust_checked_ = now;
      }
      // A copy: who is closed leaves the set.
      for (const pair_ptr& pair : std::vector<pair_ptr>{open_.begin(), open_.end()}) {
        pair->look(now);
        if (is_due) {
          pair->check_trust(*front_.current(), *back_.current());
        }
      }
      look();
    });
  }

  void note_expiry() {
    front_expiry_ = earliest_expiry(front_.current()->native_handle());
    back_expiry_ = earliest_expiry(back_.current()->native_handle());
  }

  tls_relay_options options_;
  asio::io_context io_{1};
  link_files front_;
  link_files back_;
  tls_pair::surroundings around_{
      io_, options_, std::random_device{}(), [this](const pair_ptr& pair) { trust(pair); },
      [this](const pair_ptr& pair, const std::string& why) { forget(pair, why); }};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  asio::steady_timer look_timer_{io_};
  std::list<pair_ptr> strangers_;  ///< the oldest first
  std::unordered_set<pair_ptr> open_;
  std::chrono::steady_clock::time_point complained_ =
      std::chrono::steady_clock::now() - complaint_interval;
  std::uint64_t complaints_ = 0;
  std::chrono::steady_clock::time_point trust_checked_ = std::chrono::steady_clock::now();
  std::uint16_t port_ = 0;
  std::atomic<timestamp> front_expiry_;
  std::atomic<timestamp> back_expiry_;
  std::thread thread_;
};

}  // namespace

result<std::unique_ptr<tls_relay>> start_tls_relay(const tls_relay_options& options) {
  auto front = link_files::open(options.front, link_end::server);
  if (!front) {
    return std::move(front).error();
  }
  auto back = link_files::open(options.back, link_end::client);
  if (!back) {
    return std::move(back).error();
  }
  auto relay = std::make_unique<asio_tls_relay>(options, std::move(*front), std::move(*back));
  if (const error_code failed = relay->listen()) {
    return failure{
        error_class::unavailable,
        "cannot listen on " + to_string(options.listen) + ": " + failed.message()};
  }
  relay->run();
  return std::unique_ptr<tls_relay>{std::move(relay)};
}

}  // namespace stayler::adapters
