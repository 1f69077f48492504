// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/log_channel.hpp"

#include "adapters/log/log.hpp"

namespace stayler::adapters {

namespace {

using logs::notifier::log;

/// Logs are kept elsewhere and longer than what they tell of: whose job it is, the job says.
class log_channel final : public notification_channel {
 public:
  void deliver(const notification& event, completion done) override {
    // What alerts there are, the log has been told already.
    if (!event.alert.name.empty()) {
      return done({});
    }
    log.info(
        "notification", {{"event", event.event},
                         {"jobId", event.job},
                         {"traceId", trace_id_text(event.trace)},
                         {"errorClass", event.error.kind}}
    );
    done({});
  }

  [[nodiscard]] std::string name() const override { return "log"; }
};

}  // namespace

std::unique_ptr<notification_channel> make_log_channel() {
  return std::make_unique<log_channel>();
}

}  // namespace stayler::adapters
