// SPDX-License-Identifier: MIT
#include "adapters/tls/tls_tunnel.hpp"

#include "adapters/tls/certificate_names.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

#include <array>
#include <fcntl.h>
#include <optional>
#include <thread>
#include <utility>

namespace stayler::adapters {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// For what was written last, when the tunnel is closed.
constexpr milliseconds farewell_timeout{1'000};

class asio_tls_tunnel final : public tls_tunnel {
 public:
  explicit asio_tls_tunnel(const tls_tunnel_options& options) : options_(options) {}

  asio_tls_tunnel(const asio_tls_tunnel&) = delete;
  asio_tls_tunnel& operator=(const asio_tls_tunnel&) = delete;

  ~asio_tls_tunnel() override {
    error_code ignored;
    library_.close(ignored);
    if (thread_.joinable()) {
      // What the library has written last is on its way, as with a socket of its own.
      asio::post(io_, [this] {
        if (local_.is_open()) {
          farewell_.expires_after(farewell_timeout);
          farewell_.async_wait([this](error_code) { close(); });
        }
      });
      thread_.join();
    }
  }

  void_result open() {
    if (auto ready = prepare(); !ready) {
      return ready;
    }
    resolver_.async_resolve(
        options_.host, std::to_string(options_.port),
        [this](error_code failed, const tcp::resolver::results_type& found) {
          failed ? on_opened(failed) : connect(found);
        }
    );
    io_.run_for(options_.open_timeout);
    if (!opened_) {
      return failure{error_class::unavailable, "TLS: no answer in time"};
    }
    if (const error_code failed = *opened_) {
      const std::string why = why_untrusted(remote_->native_handle(), names_);
      return failure{error_class::unavailable, "TLS: " + (why.empty() ? failed.message() : why)};
    }
    return ok();
  }

  void_result start() {
    error_code failed;
    asio::local::connect_pair(local_, library_, failed);
    if (failed) {
      return failure{error_class::unavailable, "a pair of sockets: " + failed.message()};
    }
    library_.non_blocking(false);
    for (const int end : {local_.native_handle(), library_.native_handle()}) {
      fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    read_remote();
    read_local();
    io_.restart();
    thread_ = std::thread{[this] { io_.run(); }};
    return ok();
  }

  [[nodiscard]] int take_socket() noexcept override {
    error_code ignored;
    return library_.release(ignored);
  }

 private:
  using local_socket = asio::local::stream_protocol::socket;
  using buffer = std::array<char, 16UL * 1024>;

  void_result prepare() {
    error_code failed;
    std::string file = options_.authorities;
    if (file.empty()) {
      context_.set_default_verify_paths(failed);
      file = options_.further_authorities;
    }
    if (!failed && !file.empty()) {
      context_.load_verify_file(file, failed);
    }
    if (failed) {
      return failure{
          error_class::unavailable, "TLS: cannot read " + file + ": " + failed.message()};
    }
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    context_.set_verify_mode(asio::ssl::verify_peer);
    // A stream takes over what the context says when it is made.
    remote_.emplace(io_, context_);
    remote_->set_verify_callback([this](bool is_good, asio::ssl::verify_context& verification) {
      if (!is_good) {
        names_ = names_in(verification.native_handle());
      }
      return is_good;
    });
    if (!expect_host(remote_->native_handle(), options_.host)) {
      return failure{error_class::unavailable, "TLS: out of memory"};
    }
    return ok();
  }

  void connect(const tcp::resolver::results_type& found) {
    asio::async_connect(
        remote_->next_layer(), found,
        [this](error_code failed, const tcp::endpoint&) { failed ? on_opened(failed) : greet(); }
    );
  }

  void greet() {
    error_code ignored;
    remote_->next_layer().set_option(tcp::no_delay{true}, ignored);
    remote_->next_layer().set_option(asio::socket_base::keep_alive{true}, ignored);
    remote_->async_handshake(asio::ssl::stream_base::client, [this](error_code failed) {
      on_opened(failed);
    });
  }

  void on_opened(error_code failed) { opened_ = failed; }

  void read_remote() {
    remote_->async_read_some(asio::buffer(in_), [this](error_code failed, std::size_t size) {
      if (failed) {
        lose_remote();
        return;
      }
      asio::async_write(
          local_, asio::buffer(in_.data(), size),
          [this](error_code broken, std::size_t) { broken ? close() : read_remote(); }
      );
    });
  }

  void read_local() {
    local_.async_read_some(asio::buffer(out_), [this](error_code failed, std::size_t size) {
      if (failed) {
        close();
        return;
      }
      if (!remote_->next_layer().is_open()) {
        read_local();
        return;
      }
      asio::async_write(
          *remote_, asio::buffer(out_.data(), size),
          [this](error_code broken, std::size_t) {
            if (broken) {
              lose_remote();
            }
            read_local();
          }
      );
    });
  }

  /// The library reads an end. What it still writes is read and dropped, for to write to a socket
  /// that is closed would raise SIGPIPE, which libraries do not expect of TCP.
  void lose_remote() {
    error_code ignored;
    remote_->next_layer().close(ignored);
    local_.shutdown(asio::socket_base::shutdown_send, ignored);
  }

  void close() {
    error_code ignored;
    local_.close(ignored);
    remote_->next_layer().close(ignored);
    farewell_.cancel();
  }

  using stream = asio::ssl::stream<tcp::socket>;

  tls_tunnel_options options_;
  asio::io_context io_{1};
  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::optional<stream> remote_;
  tcp::resolver resolver_{io_};
  local_socket local_{io_};
  local_socket library_{io_};
  asio::steady_timer farewell_{io_};
  std::optional<error_code> opened_;
  std::string names_;  ///< that the server's certificate is for, where it was not accepted
  buffer in_{};
  buffer out_{};
  std::thread thread_;
};

}  // namespace

result<std::unique_ptr<tls_tunnel>> open_tls_tunnel(const tls_tunnel_options& options) {
  auto tunnel = std::make_unique<asio_tls_tunnel>(options);
  auto opened = tunnel->open();
  if (opened) {
    opened = tunnel->start();
  }
  if (!opened) {
    return std::move(opened).error();
  }
  return std::unique_ptr<tls_tunnel>{std::move(tunnel)};
}

}  // namespace stayler::adapters
