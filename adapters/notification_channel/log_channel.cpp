// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/log_channel.hpp"

#include "adapters/log/log.hpp"

namespace stayler::adapters {

namespace {

using logs::notifier::log;

class log_channel final : public notification_channel {
 public:
  void deliver(const notification& event, completion done) override {
    log.info(
        "notification", {{"event", event.event},
                         {"eventId", event.event_id},
                         {"jobId", event.job},
                         {"conversionId", event.conversion_id},
                         {"userId", event.user_id},
                         {"imageId", event.result.image_id},
                         {"errorClass", event.error.kind},
                         {"reason", event.error.message}}
    );
    done(ok());
  }

  [[nodiscard]] std::string name() const override { return "log"; }
};

}  // namespace

std::unique_ptr<notification_channel> make_log_channel() {
  return std::make_unique<log_channel>();
}

}  // namespace stayler::adapters
