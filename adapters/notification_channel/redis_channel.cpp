// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/redis_channel.hpp"

#include "adapters/notification_channel/notification_json.hpp"
#include "adapters/redis/connection/redis_sender.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

class redis_channel final : public notification_channel {
 public:
  redis_channel(redis_options server, std::string channel)
      : channel_(std::move(channel)), sender_(std::move(server)) {}

  void deliver(const notification& event, completion done) override {
    sender_.send(
        {{"PUBLISH", channel_, to_json(event)}},
        [done = std::move(done)](const void_result& sent) {
          done(sent ? delivery_result{} : delivery_result{sent.error()});
        }
    );
  }

  [[nodiscard]] std::string name() const override { return "redis"; }

 private:
  std::string channel_;
  redis_sender sender_;
};

}  // namespace

std::unique_ptr<notification_channel> make_redis_channel(
    redis_options server, std::string channel
) {
  return std::make_unique<redis_channel>(std::move(server), std::move(channel));
}

}  // namespace stayler::adapters
