// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/web_hook_channel.hpp"

#include "adapters/http_client/http_client.hpp"
#include "adapters/notification_channel/web_hook_delivery.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

class web_hook_channel final : public notification_channel {
 public:
  web_hook_channel(http_client& client, web_hook_options options)
      : client_(client), options_(std::move(options)) {}

  void deliver(const notification& event, completion done) override {
    client_.send(
        make_web_hook_request(options_.url, event, options_.keys, options_.timeout),
        [url = options_.url, done = std::move(done)](const auto& outcome) {
          done(read_web_hook_answer(url, outcome));
        }
    );
  }

  [[nodiscard]] std::string name() const override { return "webhook"; }

 private:
  http_client& client_;
  web_hook_options options_;
};

}  // namespace

std::unique_ptr<notification_channel> make_web_hook_channel(
    http_client& client, web_hook_options options
) {
  return std::make_unique<web_hook_channel>(client, std::move(options));
}

}  // namespace stayler::adapters
