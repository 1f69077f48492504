// SPDX-License-Identifier: MIT
#pragma once

// A notifier between a channel and an outbox that do what the test says.

#include "actors/notifications/notifier.hpp"
#include "adapters/outbox/memory_outbox.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::test {

inline const delivery_result delivered;
inline const delivery_result server_down{
    delivery_problem::failing, {error_class::unavailable, "503"}};
inline const delivery_result gone{delivery_problem::gone, {error_class::not_found, "410"}};
inline const failure disk_full{error_class::store_full, "no room"};

/// Keeps every delivery until the test decides how it ends; or ends it by `verdict` at once.
class patient_channel final : public adapters::notification_channel {
 public:
  struct delivery {
    std::string event_id;
    timestamp at;
    completion done;
    std::string user;
  };

  explicit patient_channel(std::shared_ptr<adapters::wall_clock> clock)
      : clock_(std::move(clock)) {}

  std::vector<delivery> deliveries;
  std::function<delivery_result()> verdict;

  void deliver(const notification& event, completion done) override {
    deliveries.push_back({event.event_id, clock_->now(), done, event.user_id});
    if (verdict) {
      done(verdict());
    }
  }

  /// The host of a job's own hook.
  [[nodiscard]] std::string receiver_of(const notification& event) const override {
    return event.webhook_url;
  }
  [[nodiscard]] std::string name() const override { return "patient"; }

  /// Seconds from the first delivery to each.
  [[nodiscard]] std::vector<double> offsets() const {
    std::vector<double> seconds;
    for (const auto& one : deliveries) {
      seconds.push_back(std::chrono::duration<double>(one.at - deliveries.front().at).count());
    }
    return seconds;
  }

  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const auto& one : deliveries) {
      all.push_back(one.event_id);
    }
    return all;
  }

 private:
  std::shared_ptr<adapters::wall_clock> clock_;
};

/// An outbox that outlives the notifiers, and that can be away.
class shaky_outbox final : public adapters::outbox {
 public:
  failure trouble;
  std::vector<adapters::outbox_batch> batches;  ///< those that were written
  bool has_others = false;                      ///< processes that add entries too
  std::function<void()> listed;                 ///< called with an answer on its way; may be empty

  result<std::vector<std::string>> execute(const adapters::outbox_batch& batch) override {
    if (trouble) {
      return trouble;
    }
    batches.push_back(batch);
    return kept_->execute(batch);
  }
  result<std::vector<adapters::outbox_entry>> list_open() override {
    if (trouble) {
      return trouble;
    }
    auto open = kept_->list_open();
    if (listed) {
      listed();
    }
    return open;
  }
  result<notification_page> list(const notification_filter& filter) override {
    return trouble ? result<notification_page>{trouble} : kept_->list(filter);
  }
  result<std::vector<adapters::outbox_entry>> reopen(
      const notification_filter& filter, timestamp at
  ) override {
    return trouble ? result<std::vector<adapters::outbox_entry>>{trouble}
                   : kept_->reopen(filter, at);
  }
  void_result purge(const adapters::outbox_retention& kept) override { return kept_->purge(kept); }
  void_result remove(const std::vector<std::string>& ids) override { return kept_->remove(ids); }
  [[nodiscard]] bool is_blocking() const noexcept override { return false; }
  [[nodiscard]] bool is_shared() const noexcept override { return has_others; }

  /// As another process does.
  void leave(const notification& event, timestamp at) {
    REQUIRE(kept_->execute({{{event, at, at, 0, at}}, {}}));
  }

  [[nodiscard]] std::vector<std::string> open_ids() const {
    std::vector<std::string> ids;
    const auto open = kept_->list_open().value();
    for (const auto& entry : open) {
      ids.push_back(entry.event.event_id);
    }
    return ids;
  }

 private:
  std::unique_ptr<adapters::outbox> kept_ = adapters::make_memory_outbox();
};

/// A notifier's surroundings. The test starts the notifier, or several.
struct notifying : fixture {
  std::shared_ptr<patient_channel> channel = std::make_shared<patient_channel>(clock());
  std::shared_ptr<shaky_outbox> outbox = std::make_shared<shaky_outbox>();
  std::vector<std::string> log_lines;
  notification_report told;  ///< the metrics actor, in all
  metrics_actor metrics = spawn_fake<metrics_actor>([this](caf::event_based_actor*) {
    return caf::behavior{[this](const notification_report& report) {
      told.open = report.open;
      told.delivered += report.delivered;
      told.given_up += report.given_up;
      told.unsaved += report.unsaved;
      for (std::size_t i = 0; i < told.failed.size(); ++i) {
        told.failed.at(i) += report.failed.at(i);
      }
    }};
  });

  actors::notifier_options options() {
    actors::notifier_options chosen;
    chosen.channel = channel;
    chosen.outbox = outbox;
    chosen.clock = clock();
    chosen.metrics = metrics;
    chosen.log = [this](const std::string& line) { log_lines.push_back(line); };
    return chosen;
  }

  static notification event_of(const std::string& event_id, const std::string& user = "") {
    notification event;
    event.event_id = event_id;
    event.event = "conversion.completed";
    event.user_id = user;
    return event;
  }

  /// A notification that its job wants at a receiver of its own.
  void notify_at(
      const notifier_actor& whom, const std::string& event_id, const std::string& receiver
  ) {
    notification event = event_of(event_id);
    event.webhook_url = receiver;
    REQUIRE(call<unit_value>(whom, notify_atom_v, event));
  }

  void notify(
      const notifier_actor& whom, const std::string& event_id, const std::string& user = ""
  ) {
    REQUIRE(call<unit_value>(whom, notify_atom_v, event_of(event_id, user)));
  }

  notification_status status(const notifier_actor& whom) {
    return call<notification_status>(whom, status_atom_v).value();
  }

  void complete(std::size_t index, delivery_result outcome) {
    channel->deliveries.at(index).done(std::move(outcome));
    run();
  }
};

}  // namespace stayler::test
