// SPDX-License-Identifier: MIT
#include "adapters/audit/log_audit_trail.hpp"

#include "adapters/log/log.hpp"

namespace stayler::adapters {

namespace {

using logs::audit::log;

class log_audit_trail final : public audit_trail {
 public:
  void add(const audit_record& record) override {
    if (record.calls > 0) {
      log.warning(
          "calls were turned away", {{"who", record.who},
                                     {"action", record.action},
                                     {"status", record.status},
                                     {"calls", record.calls}}
      );
      return;
    }
    log.info(
        "state change", {{"who", record.who},
                         {"key", record.key},
                         {"action", record.action},
                         {"target", record.target},
                         {"requestId", record.request_id},
                         {"status", record.status},
                         {"details", record.details}}
    );
  }
};

}  // namespace

std::unique_ptr<audit_trail> make_log_audit_trail() {
  return std::make_unique<log_audit_trail>();
}

}  // namespace stayler::adapters
