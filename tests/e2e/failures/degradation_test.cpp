// SPDX-License-Identifier: MIT
// A store or the web hook's receiver that is away: jobs wait, what was paid for is kept, the
// service says what is wrong, and all of it passes by itself.
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/tcp_server.hpp"

#include <csignal>
#include <mutex>
#include <optional>
#include <set>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// The application's end of the web hook, on one address: it can be down, and it can be silent.
class hook_receiver {
 public:
  hook_receiver() { come_up(); }

  void come_up() {
    server_.emplace([this](tcp_connection& connection) { receive(connection); }, port_);
    port_ = server_->port();
  }
  void go_down() { server_.reset(); }
  /// Takes deliveries, and does not answer them.
  void fall_silent(bool is_silent) {
    const std::scoped_lock lock{mutex_};
    is_silent_ = is_silent;
  }

  [[nodiscard]] std::string url() const { return server_->url("/hook"); }

  /// The contents that have come under each event id.
  [[nodiscard]] std::map<std::string, std::set<std::string>> contents() const {
    const std::scoped_lock lock{mutex_};
    return contents_;
  }
  [[nodiscard]] std::size_t events() const { return contents().size(); }
  [[nodiscard]] std::size_t deliveries() const {
    const std::scoped_lock lock{mutex_};
    return deliveries_;
  }

 private:
  void receive(tcp_connection& connection) {
    constexpr std::string_view id_header = "webhook-id: ";
    for (;;) {
      const std::string request = connection.read_request();
      if (request.empty()) {
        return;
      }
      const auto id = request.find(id_header) + id_header.size();
      const auto body = request.find("\r\n\r\n") + 4;
      if (note(request.substr(id, request.find('\r', id) - id), request.substr(body))) {
        connection.answer("");
      }
    }
  }

  /// True where the delivery is to be answered.
  bool note(const std::string& event_id, const std::string& content) {
    const std::scoped_lock lock{mutex_};
    ++deliveries_;
    contents_[event_id].insert(content);
    return !is_silent_;
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::set<std::string>> contents_;
  std::size_t deliveries_ = 0;
  bool is_silent_ = false;
  std::uint16_t port_ = 0;
  std::optional<tcp_server> server_;
};

/// Retries that outlast the outages of these tests.
environment patient(environment changes = {}) {
  changes.insert(
      {{"WORKER_MAX_RETRIES", "100"}, {"RETRY_MAX_RETRIES", "100"}, {"RETRY_MAX_DELAY", "500ms"}}
  );
  return changes;
}

adapters::json_value health_of(const service_stack& stack) {
  return stack.get("/worker/health").json();
}

void wait_for_degraded(
    const service_stack& stack, const std::string& check, const std::string& reason
) {
  wait_until(check + " is degraded: " + reason, [&] {
    const auto health = health_of(stack);
    return text_at(health, {"status"}) == "degraded"
           && text_at(health, {"checks", check, "status"}) == "degraded"
           && holds(text_at(health, {"checks", check, "message"}), reason);
  });
}

void wait_for_healthy(const service_stack& stack) {
  wait_until("all is well again", [&] {
    return text_at(health_of(stack), {"status"}) == "healthy";
  });
}

void kill9(service_stack& stack) {
  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
}

/// Completed at the first attempt.
void check_completed(const service_stack& stack, const std::string& id) {
  const auto job = stack.final_job(id, 60s);
  INFO(stack.get("/worker/jobs/" + id).body);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(number_at(job, {"retryCount"}) == 0);
}

void check_one_content_each(const hook_receiver& receiver) {
  for (const auto& [event_id, contents] : receiver.contents()) {
    INFO(event_id);
    CHECK(contents.size() == 1);
  }
}

}  // namespace

TEST_CASE("notifications outlast a receiver that is down and kill -9 of the service") {
  hook_receiver receiver;
  service_stack stack{{{"WORKER_WEBHOOK_URL", receiver.url()}}};
  receiver.go_down();
  std::vector<std::string> jobs;
  for (int i = 0; i < 3; ++i) {
    jobs.push_back(stack.submit());
  }
  for (const auto& id : jobs) {
    check_completed(stack, id);
  }
  CHECK(stack.metric("stayler_notifications_open") == 3);
  wait_for_degraded(stack, "notifications", "deliveries in a row failed: connection");

  kill9(stack);
  stack.start_worker();
  CHECK(stack.metric("stayler_notifications_open") == 3);
  receiver.come_up();
  wait_until("all events have arrived", [&] { return receiver.events() == jobs.size(); });
  for (const auto& id : jobs) {
    CHECK(receiver.contents().count(id + "-completed") == 1);
  }
  check_one_content_each(receiver);
  wait_until("all are known to be delivered", [&] {
    return stack.metric("stayler_notifications_delivered_total") == 3;
  });
  CHECK(stack.metric("stayler_notifications_open") == 0);
  CHECK(stack.metric("stayler_notifications_given_up_total") == 0);
  CHECK(stack.metric("stayler_notifications_unsaved_total") == 0);
  wait_for_healthy(stack);
  CHECK(receiver.deliveries() == 3);
}

TEST_CASE("an event whose delivery kill -9 cuts off comes again with the same content") {
  hook_receiver receiver;
  receiver.fall_silent(true);
  service_stack stack{{{"WORKER_WEBHOOK_URL", receiver.url()}}};
  const auto id = stack.submit();
  wait_until("the event has come", [&] { return receiver.deliveries() == 1; });
  kill9(stack);
  receiver.fall_silent(false);
  stack.start_worker();
  wait_until("the event comes again", [&] { return receiver.deliveries() == 2; });
  check_completed(stack, id);
  CHECK(receiver.events() == 1);
  check_one_content_each(receiver);
}

TEST_CASE("a blob folder that is away is waited for, and no picture is paid for twice") {
  service_stack stack{patient(), {"--latency", "500ms"}};
  const auto blobs = stack.folder() / "data" / "blobs";
  const auto away = stack.folder() / "away";
  const auto paid = stack.submit();
  wait_until("the picture is being made", [&] { return stack.sim_count({"inFlight"}) == 1; });
  std::filesystem::rename(blobs, away);
  const auto late = stack.submit();
  wait_for_degraded(stack, "storage", "No such file or directory");
  wait_until("the late job has been tried", [&] {
    return number_at(stack.get("/worker/jobs/" + late).json(), {"retryCount"}) > 0;
  });
  CHECK(
      text_at(stack.get("/worker/jobs/" + late).json(), {"attempts", "0", "error", "class"})
      == "unavailable"
  );
  wait_until("the picture waits", [&] {
    return text_at(stack.get("/worker/jobs/" + paid).json(), {"progress", "stage"}) == "uploading";
  });
  CHECK(stack.sim_count({"generateCalls"}) == 1);
  CHECK_FALSE(std::filesystem::exists(blobs));

  std::filesystem::rename(away, blobs);
  check_completed(stack, paid);
  CHECK(text_at(stack.final_job(late), {"status"}) == "completed");
  CHECK(stack.sim_count({"generateCalls"}) == 2);
  CHECK(stack.metric("worker_jobs_failed") == 0);
  wait_for_healthy(stack);
}

TEST_CASE("records that are locked are waited for; events are delivered without the outbox") {
  hook_receiver receiver;
  service_stack stack{patient({{"WORKER_WEBHOOK_URL", receiver.url()}}), {"--latency", "500ms"}};
  const auto in_a_year = to_timestamp(std::chrono::system_clock::now()) + 365 * 24h;
  const auto waiting =
      stack.submit({"cancelled", "bob", "", R"(,"runAt":")" + to_rfc3339(in_a_year) + "\""});
  const auto paid = stack.submit();
  wait_until("the picture is being made", [&] { return stack.sim_count({"inFlight"}) == 1; });
  auto records = adapters::sqlite_database::open(stack.folder() / "data" / "stayler.db");
  REQUIRE(records);
  {
    const auto lock = records->begin();
    REQUIRE(lock);
    wait_for_degraded(stack, "database", "database is locked");
    CHECK(stack.call("DELETE", "/worker/jobs/" + waiting).status == 200);
    wait_until("the event has come", [&] { return receiver.events() == 1; });
    CHECK(receiver.contents().count(waiting + "-cancelled") == 1);
    CHECK(stack.metric("stayler_notifications_unsaved_total") == 1);
    wait_for_degraded(stack, "notifications", "the outbox is away: unavailable");
    CHECK(stack.get("/health/live").status == 200);
  }
  check_completed(stack, paid);
  CHECK(stack.sim_count({"generateCalls"}) == 1);
  wait_until("the cancelled conversion is recorded", [&] {
    auto found = records->prepare("SELECT status FROM conversions WHERE id = 'cancelled'");
    REQUIRE(found);
    const auto status = found->first([](const adapters::sqlite_statement& row) {
      return std::string{row.text(0)};
    });
    REQUIRE(status);
    return *status == "cancelled";
  });
  wait_until("both events have come", [&] { return receiver.events() == 2; });
  check_one_content_each(receiver);
  wait_for_healthy(stack);
}
