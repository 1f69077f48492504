// SPDX-License-Identifier: MIT
#include "app/gemini_sim/gemini_sim.hpp"

#include "app/gemini_sim/api.hpp"
#include "app/gemini_sim/control.hpp"
#include "app/gemini_sim/sim_state.hpp"
#include "app/gemini_sim/timed_pool.hpp"
#include "http/server/server.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace stayler::sim {

namespace {

/// Above what the API allows, so that it is the API that refuses, in its own words.
constexpr std::size_t max_body_bytes = max_request_bytes + std::size_t{1024} * 1024;

class running_sim final : public gemini_sim {
 public:
  explicit running_sim(const sim_options& options)
      : state_(options),
        pool_(std::make_unique<timed_pool>(thread_count())),
        api_(state_, *pool_) {}

  ~running_sim() override {
    if (server_ != nullptr) {
      stop(milliseconds{0});
    }
  }

  void_result listen(const sim_options& options) {
    http::server_options listener;
    listener.address = options.address;
    listener.port = options.port;
    listener.max_body_bytes = max_body_bytes;
    listener.max_connections = 20'000;
    listener.server_name = "gemini-sim";
    auto server = http::server::start(
        std::move(listener),
        [this](http::request request, http::responder_ptr responder) {
          accept(std::move(request), std::move(responder));
        }
    );
    if (!server) {
      return std::move(server).error();
    }
    server_ = *std::move(server);
    return ok();
  }

  [[nodiscard]] std::uint16_t port() const noexcept override { return server_->port(); }

  void stop(milliseconds grace) override {
    server_->stop(grace);
    // Calls that still wait hold responders of the server: they go first.
    pool_.reset();
    server_.reset();
  }

 private:
  static unsigned thread_count() { return std::max(2U, std::thread::hardware_concurrency()); }

  /// On the server's I/O thread, which must not parse or compose.
  void accept(http::request request, http::responder_ptr responder) {
    if (is_control_path(request.path)) {
      responder->send(control(state_, request));
      return;
    }
    pool_->run([this, call = std::make_shared<http::request>(std::move(request)),
                responder = std::move(responder)] { api_.handle(std::move(*call), responder); });
  }

  sim_state state_;
  std::unique_ptr<timed_pool> pool_;
  api api_;
  std::unique_ptr<http::server> server_;
};

}  // namespace

result<std::unique_ptr<gemini_sim>> gemini_sim::start(const sim_options& options) {
  auto made = std::make_unique<running_sim>(options);
  if (auto listening = made->listen(options); !listening) {
    return std::move(listening).error();
  }
  return std::unique_ptr<gemini_sim>{std::move(made)};
}

}  // namespace stayler::sim
