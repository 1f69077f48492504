// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/notification_channel.hpp"

#include <spdlog/spdlog.h>

namespace stayler::adapters {

namespace {

class log_channel final : public notification_channel {
 public:
  void deliver(const notification& event, completion done) override {
    spdlog::info("notification {} {}", event.event_id, to_json(event));
    done(ok());
  }

  [[nodiscard]] std::string name() const override { return "log"; }
};

}  // namespace

std::unique_ptr<notification_channel> make_log_channel() {
  return std::make_unique<log_channel>();
}

}  // namespace stayler::adapters
