// SPDX-License-Identifier: MIT

// Delivery, back-off in virtual time, bounds, completions that come late or on other threads, and
// what the outbox makes durable.

#include "actors/notifications/notifier.hpp"

#include "adapters/outbox/memory_outbox.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <set>
#include <thread>

namespace stayler::test {

namespace {

const failure server_down{error_class::server_error, "503"};
const failure refused{error_class::permission, "401"};
const failure disk_full{error_class::store_full, "no room"};

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
  std::function<void_result()> verdict;

  void deliver(const notification& event, completion done) override {
    deliveries.push_back({event.event_id, clock_->now(), done, event.user_id});
    if (verdict) {
      done(verdict());
    }
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
  void_result purge(timestamp ended_before) override { return kept_->purge(ended_before); }
  [[nodiscard]] bool is_blocking() const noexcept override { return false; }
  [[nodiscard]] bool is_shared() const noexcept override { return has_others; }

  /// As another process does.
  void leave(const notification& event) { REQUIRE(kept_->execute({{{event, {}, {}}}, {}})); }

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

  void notify(
      const notifier_actor& whom, const std::string& event_id, const std::string& user = ""
  ) {
    REQUIRE(call<unit_value>(whom, notify_atom_v, event_of(event_id, user)));
  }

  notification_status status(const notifier_actor& whom) {
    return call<notification_status>(whom, status_atom_v).value();
  }

  void complete(std::size_t index, void_result outcome) {
    channel->deliveries.at(index).done(std::move(outcome));
    run();
  }
};

}  // namespace

TEST_CASE_METHOD(notifying, "a notification is taken over before it is delivered") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  CHECK(channel->ids() == std::vector<std::string>{"e1"});
  CHECK(status(notifier).delivered == 0);
  complete(0, ok());
  CHECK(status(notifier).delivered == 1);
  CHECK(status(notifier).open == 0);
}

TEST_CASE_METHOD(notifying, "a failing receiver is tried for an hour, with doubling pauses") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [] { return server_down; };
  notify(notifier, "e1");
  advance(std::chrono::hours{2}, std::chrono::seconds{1});
  const auto offsets = channel->offsets();
  REQUIRE(offsets.size() == 20);
  CHECK(
      std::vector<double>(offsets.begin(), offsets.begin() + 6)
      == std::vector<double>{0, 1, 3, 7, 15, 31}
  );
  CHECK(offsets[9] == 511);
  CHECK(offsets[19] == 511 + 10 * 300);
  CHECK(channel->ids() == std::vector<std::string>(20, "e1"));
  CHECK(status(notifier).given_up == 1);
  CHECK(status(notifier).open == 0);
  REQUIRE(log_lines.size() == 1);
  CHECK(log_lines[0].find("e1") != std::string::npos);
  CHECK(log_lines[0].find("server_error") != std::string::npos);
}

TEST_CASE_METHOD(notifying, "the pause before the next try counts from the end of the last one") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  advance(std::chrono::seconds{10});
  complete(0, server_down);
  advance(std::chrono::milliseconds{990});
  CHECK(channel->deliveries.size() == 1);
  advance(std::chrono::milliseconds{10});
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "a receiver that names a longer pause gets it, up to the bound") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, failure{error_class::rate_limited, "", milliseconds{60'000}});
  advance(std::chrono::seconds{60});
  REQUIRE(channel->deliveries.size() == 2);
  complete(1, failure{error_class::rate_limited, "", std::chrono::hours{24}});
  advance(std::chrono::minutes{5});
  CHECK(channel->offsets() == std::vector<double>{0, 60, 360});
}

TEST_CASE_METHOD(notifying, "a receiver that refuses is not asked twice") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, refused);
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 1);
  CHECK(status(notifier).given_up == 1);
}

TEST_CASE_METHOD(notifying, "a success after failures is a success") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  advance(std::chrono::seconds{1});
  complete(1, ok());
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
  CHECK(status(notifier).delivered == 1);
  CHECK(status(notifier).given_up == 0);
  CHECK(log_lines.empty());
}

TEST_CASE_METHOD(notifying, "no more deliveries are under way than allowed") {
  auto chosen = options();
  chosen.max_in_flight = 2;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3", "e4"}) {
    notify(notifier, id);
  }
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  complete(1, ok());
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3"});
  complete(0, server_down);
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2", "e3", "e4"});
  // The pause of e1 is over, but both places are taken.
  advance(std::chrono::seconds{5});
  CHECK(channel->deliveries.size() == 4);
  complete(2, ok());
  CHECK(channel->ids().back() == "e1");
}

TEST_CASE_METHOD(
    notifying, "beyond the bound the oldest that is not under way is given up, and said"
) {
  auto chosen = options();
  chosen.max_open = 3;
  chosen.max_in_flight = 1;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  for (const auto* id : {"e1", "e2", "e3", "e4", "e5"}) {
    notify(notifier, id);
  }
  CHECK(status(notifier).given_up == 2);
  REQUIRE(log_lines.size() == 2);
  CHECK(log_lines[0].find("e2") != std::string::npos);
  CHECK(log_lines[1].find("e3") != std::string::npos);
  channel->verdict = [] { return ok(); };
  complete(0, ok());
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e4", "e5"});
}

TEST_CASE_METHOD(notifying, "a notification that is given up during its pause is not tried again") {
  auto chosen = options();
  chosen.max_open = 1;
  chosen.max_in_flight = 1;
  const notifier_actor notifier = spawn(actors::notifier, chosen);
  notify(notifier, "e1");
  complete(0, server_down);
  notify(notifier, "e2");
  complete(1, ok());
  advance(std::chrono::hours{1});
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  CHECK(status(notifier).given_up == 1);
}

TEST_CASE_METHOD(
    notifying, "a flush is answered when all is delivered, given up or left to the outbox"
) {
  const notifier_actor notifier = spawn(actors::notifier, options());
  CHECK(call<unit_value>(notifier, flush_atom_v));

  for (const auto* id : {"e1", "e2", "e3"}) {
    notify(notifier, id);
  }
  const auto first = ask<unit_value>(notifier, flush_atom_v);
  const auto second = ask<unit_value>(notifier, flush_atom_v);
  complete(0, ok());
  complete(1, refused);
  CHECK_FALSE(first.has_answer());
  complete(2, server_down);
  CHECK(first.answer());
  CHECK(second.answer());
  CHECK(outbox->open_ids() == std::vector<std::string>{"e3"});
}

TEST_CASE_METHOD(notifying, "a flush waits for what no outbox keeps") {
  outbox->trouble = disk_full;
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  const auto flushed = ask<unit_value>(notifier, flush_atom_v);
  complete(0, server_down);
  CHECK_FALSE(flushed.has_answer());
  advance(std::chrono::seconds{1});
  complete(1, ok());
  CHECK(flushed.answer());
}

TEST_CASE_METHOD(notifying, "a flush is answered with unavailable when the notifier ends") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  const auto flushed = ask<unit_value>(notifier, flush_atom_v);
  kill(notifier);
  CHECK(flushed.answer().error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(
    notifying, "a completion after the notifier's end does nothing, before it counts once"
) {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, ok());
  complete(0, ok());
  CHECK(status(notifier).delivered == 1);

  notify(notifier, "e2");
  kill(notifier);
  complete(1, server_down);
  advance(std::chrono::hours{1});
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "a notification is in the outbox before it is delivered or answered") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [this] {
    CHECK(outbox->open_ids() == std::vector<std::string>{"e1"});
    return ok();
  };
  notify(notifier, "e1");
  CHECK(channel->deliveries.size() == 1);
  CHECK(outbox->open_ids().empty());
}

TEST_CASE_METHOD(notifying, "what comes while a batch is being written forms the next") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  for (int i = 0; i < 100; ++i) {
    caf::anon_send(notifier, notify_atom_v, event_of("e" + std::to_string(i)));
  }
  run();
  CHECK(outbox->open_ids().size() == 100);
  CHECK(outbox->batches.size() <= 3);
}

TEST_CASE_METHOD(notifying, "a restarted notifier goes on where the other was killed") {
  const notifier_actor first = spawn(actors::notifier, options());
  for (const auto* id : {"delivered", "refused", "waiting", "under way"}) {
    notify(first, id);
  }
  complete(0, ok());
  complete(1, refused);
  complete(2, server_down);
  kill(first);
  channel->deliveries.clear();

  const notifier_actor second = spawn(actors::notifier, options());
  CHECK(status(second).open == 2);
  CHECK(told.open == 2);
  CHECK(channel->ids() == std::vector<std::string>{"under way"});
  // The pause of a try before the restart is kept, and so is the number of tries.
  advance(milliseconds{990});
  CHECK(channel->deliveries.size() == 1);
  advance(milliseconds{10});
  CHECK(channel->ids() == std::vector<std::string>{"under way", "waiting"});
  complete(1, server_down);
  advance(milliseconds{1'990});
  CHECK(channel->deliveries.size() == 2);
  advance(milliseconds{10});
  CHECK(channel->deliveries.size() == 3);
}

TEST_CASE_METHOD(notifying, "an event id is sent with its first content alone") {
  const notifier_actor first = spawn(actors::notifier, options());
  notify(first, "e1", "first");
  notify(first, "e1", "second");  // while it is open
  complete(0, server_down);
  kill(first);
  const notifier_actor second = spawn(actors::notifier, options());
  notify(second, "e1", "third");  // while it waits
  advance(std::chrono::seconds{1});
  complete(1, ok());
  notify(second, "e1", "fourth");  // after its end
  kill(second);
  const notifier_actor third = spawn(actors::notifier, options());
  notify(third, "e1", "fifth");
  advance(std::chrono::hours{1}, std::chrono::seconds{1});
  REQUIRE(channel->deliveries.size() == 2);
  CHECK(channel->deliveries[0].user == "first");
  CHECK(channel->deliveries[1].user == "first");
}

TEST_CASE_METHOD(notifying, "who repeats an event id is answered with who said it first") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  caf::anon_send(notifier, notify_atom_v, event_of("e1"));
  const auto repeated = ask<unit_value>(notifier, notify_atom_v, event_of("e1", "second"));
  CHECK(repeated.answer());
  CHECK(channel->ids() == std::vector<std::string>{"e1"});
}

TEST_CASE_METHOD(notifying, "what ended a day ago is forgotten") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  channel->verdict = [] { return ok(); };
  notify(notifier, "e1");
  advance(std::chrono::hours{23}, std::chrono::minutes{1});
  notify(notifier, "e1");
  CHECK(channel->deliveries.size() == 1);
  advance(std::chrono::hours{2}, std::chrono::minutes{1});
  notify(notifier, "e1");
  CHECK(channel->deliveries.size() == 2);
}

TEST_CASE_METHOD(notifying, "without an outbox notifications are delivered, said and counted") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  outbox->trouble = disk_full;
  notify(notifier, "e1");
  notify(notifier, "e2");
  CHECK(channel->ids() == std::vector<std::string>{"e1", "e2"});
  CHECK(status(notifier).outbox_error == disk_full);
  CHECK(told == notification_report{2, 0, 0, 2});
  complete(0, ok());
  CHECK(told == notification_report{1, 1, 0, 2});
  advance(std::chrono::minutes{1});
  REQUIRE(log_lines.size() == 1);
  CHECK(log_lines[0].find("no room") != std::string::npos);
}

TEST_CASE_METHOD(notifying, "an outbox that is back gets what is open, and what has ended") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "saved");
  outbox->trouble = disk_full;
  notify(notifier, "ended");
  notify(notifier, "open");
  complete(0, ok());
  complete(1, ok());
  CHECK(outbox->open_ids() == std::vector<std::string>{"saved"});
  outbox->trouble = {};
  advance(std::chrono::seconds{5});
  CHECK(outbox->open_ids() == std::vector<std::string>{"open"});
  CHECK_FALSE(status(notifier).outbox_error);
  CHECK(log_lines.back() == "the outbox is back");
  notify(notifier, "next");
  CHECK(told.unsaved == 2);
}

TEST_CASE_METHOD(notifying, "an outbox that was away at the start is loaded when it is back") {
  {
    const notifier_actor first = spawn(actors::notifier, options());
    notify(first, "left", "first");
    notify(first, "repeated", "first");
    kill(first);
  }
  channel->deliveries.clear();
  outbox->trouble = disk_full;
  const notifier_actor second = spawn(actors::notifier, options());
  notify(second, "repeated", "second");
  complete(0, ok());
  outbox->trouble = {};
  advance(std::chrono::seconds{5});
  // What was sent meanwhile, for want of knowing better, is not sent with yet another content.
  CHECK(channel->ids() == std::vector<std::string>{"repeated", "left"});
  CHECK(status(second).open == 1);
}

TEST_CASE_METHOD(notifying, "what another process leaves in a shared outbox is taken over once") {
  outbox->has_others = GENERATE(true, false);
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "own");
  outbox->leave(event_of("left"));
  advance(std::chrono::seconds{9});
  CHECK(channel->ids() == std::vector<std::string>{"own"});
  advance(std::chrono::minutes{1}, std::chrono::seconds{1});
  if (!outbox->has_others) {
    CHECK(channel->ids() == std::vector<std::string>{"own"});
    return;
  }
  CHECK(channel->ids() == std::vector<std::string>{"own", "left"});
  complete(0, ok());
  complete(1, server_down);
  advance(milliseconds{1'000});
  complete(2, ok());
  CHECK(outbox->open_ids().empty());
  CHECK(told.delivered == 2);
}

TEST_CASE_METHOD(notifying, "what ends while a shared outbox is asked is not sent again") {
  outbox->has_others = true;
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  outbox->listed = [this] { channel->deliveries.at(0).done(ok()); };
  advance(std::chrono::seconds{10});
  outbox->listed = nullptr;
  CHECK(outbox->open_ids().empty());
  advance(std::chrono::minutes{1}, std::chrono::seconds{1});
  CHECK(channel->deliveries.size() == 1);
}

TEST_CASE_METHOD(notifying, "failures in a row are told, and forgotten at the next success") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  complete(0, server_down);
  advance(std::chrono::seconds{1});
  complete(1, server_down);
  CHECK(status(notifier).failures_in_a_row == 2);
  CHECK(status(notifier).last_error == server_down);
  CHECK(status(notifier).last_failure == now());
  advance(std::chrono::seconds{2});
  complete(2, ok());
  CHECK(status(notifier).failures_in_a_row == 0);
}

TEST_CASE_METHOD(notifying, "a change of the settings disturbs nothing") {
  const notifier_actor notifier = spawn(actors::notifier, options());
  notify(notifier, "e1");
  tell(notifier, settings_atom_v, settings{});
  complete(0, ok());
  CHECK(status(notifier).delivered == 1);
}

namespace {

/// Completes on threads of its own, failing each notification's first try.
class threaded_channel final : public adapters::notification_channel {
 public:
  ~threaded_channel() override {
    for (auto& thread : threads_) {
      thread.join();
    }
  }

  int tries = 0;

  void deliver(const notification& event, completion done) override {
    ++tries;
    const bool is_first = seen_.insert(event.event_id).second;
    threads_.emplace_back([done, is_first] {
      done(is_first ? void_result{failure{error_class::connection, "reset"}} : ok());
    });
  }

  [[nodiscard]] std::string name() const override { return "threaded"; }

 private:
  std::set<std::string> seen_;
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("completions from other threads arrive, also those after the notifier's end") {
  caf::actor_system_config config;
  const auto channel = std::make_shared<threaded_channel>();
  {
    caf::actor_system system{config};
    actors::notifier_options options;
    options.channel = channel;
    options.outbox = adapters::make_memory_outbox();
    options.clock = std::make_shared<adapters::system_wall_clock>();
    options.max_in_flight = 1;
    options.first_pause = milliseconds{1};
    const notifier_actor notifier = system.spawn(actors::notifier, options);
    caf::scoped_actor self{system};
    for (int i = 0; i < 50; ++i) {
      notification event;
      event.event_id = std::to_string(i);
      self->send(notifier, notify_atom_v, event);
    }
    bool is_flushed = false;
    self->request(notifier, std::chrono::seconds{60}, flush_atom_v)
        .receive([&](unit_value) { is_flushed = true; }, [](const caf::error&) {});
    CHECK(is_flushed);
    CHECK(channel->tries == 100);
    self->send(notifier, notify_atom_v, notification{});
    self->send_exit(notifier, caf::exit_reason::kill);
  }
  CHECK(channel->tries <= 101);
}

}  // namespace stayler::test
