// SPDX-License-Identifier: MIT

// Web hooks as receivers take them: whatever they answer for a while, what they are told arrives.

#include "adapters/checksum/checksum.hpp"
#include "tests/e2e/support/hook_receiver.hpp"
#include "tests/e2e/support/service_stack.hpp"

#include <csignal>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// Keys of 32 times that letter, and their secrets.
std::string hook_secret_of(char letter) {
  return "whsec_" + adapters::base64_encode(std::string(32, letter));
}

/// Pauses that a test can wait for.
environment hooked(environment changes) {
  changes.insert({{"WORKER_NOTIFY_MAX_PAUSE", "100ms"}});
  return changes;
}

std::string hook_header(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  const auto start = at + name.size() + 4;
  return at == std::string::npos ? "" : request.substr(start, request.find('\r', start) - start);
}

std::string signed_by(char letter, const std::string& request) {
  const std::string text = hook_header(request, "webhook-id") + "."
                           + hook_header(request, "webhook-timestamp") + "."
                           + request.substr(request.find("\r\n\r\n") + 4);
  return "v1," + adapters::base64_encode(adapters::hmac_sha256(std::string(32, letter), text));
}

adapters::json_value first_notification(const service_stack& stack, const std::string& query) {
  const auto page = stack.get("/worker/notifications" + query).json();
  const auto* all = page.find("notifications")->as<adapters::json_value::array>();
  REQUIRE_FALSE(all->empty());
  return all->front();
}

double problems(const service_stack& stack, const std::string& problem) {
  return stack.metric("stayler_notification_failures_total", "problem=\"" + problem + "\"");
}

}  // namespace

TEST_CASE("whatever a receiver answers for a while, the event arrives, also over a restart") {
  const scripted_receiver elsewhere;
  scripted_receiver receiver{
      {"404", "403", "401", "409", "hold", "301 Location: " + elsewhere.url("/new"),
       "302 Location: /login", "500", "429 Retry-After: 1"}};
  service_stack stack{hooked({{"WORKER_WEBHOOK_URL", receiver.url()}})};
  const auto id = stack.submit();
  wait_until("the receiver holds the event", [&] { return receiver.count() == 5; });
  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
  stack.start_worker();
  wait_until("the event has arrived", [&] {
    return stack.metric("stayler_notifications_delivered_total") == 1;
  });
  CHECK(receiver.count() == 10);
  for (const std::string& request : receiver.requests()) {
    CHECK(hook_header(request, "webhook-id") == id + "-completed");
  }
  CHECK(elsewhere.count() == 0);
  CHECK(problems(stack, "redirect") == 2);
  CHECK(problems(stack, "failing") == 1);
  CHECK(problems(stack, "rate_limited") == 1);
  const std::string log = read_file(stack.folder() / "worker.log");
  CHECK(holds(log, "the receiver redirects to http://127.0.0.1:"));
  CHECK(holds(log, "the receiver refuses the signature or asks for a login"));
  CHECK(holds(log, "notifications are delivered again"));
}

TEST_CASE("410 ends an event's deliveries, until it is delivered by hand") {
  scripted_receiver receiver{{"410"}};
  service_stack stack{hooked({{"WORKER_WEBHOOK_URL", receiver.url()}})};
  const auto id = stack.submit();
  wait_until("the event is given up", [&] {
    return stack.metric("stayler_notifications_given_up_total") == 1;
  });
  const auto lost = first_notification(stack, "?job=" + id);
  CHECK(text_at(lost, {"state"}) == "given_up");
  CHECK(text_at(lost, {"lastError", "problem"}) == "gone");
  CHECK(receiver.count() == 1);
  const auto path = "/worker/notifications/" + text_at(lost, {"id"}) + "/redeliver";
  CHECK(stack.call("POST", path).status == 202);
  wait_until("the event has arrived", [&] {
    return stack.metric("stayler_notifications_delivered_total") == 1;
  });
  CHECK(receiver.count() == 2);
}

TEST_CASE("a receiver that holds its deliveries holds up no job's that has another") {
  scripted_receiver silent;
  silent.hold();
  const scripted_receiver own;
  service_stack stack{hooked(
      {{"WORKER_WEBHOOK_URL", silent.url()},
       {"WORKER_WEBHOOK_CONCURRENCY", "1"},
       {"WORKER_WEBHOOK_SECRET", hook_secret_of('n') + " " + hook_secret_of('o')},
       {"WORKER_WEBHOOK_URL_ALLOW", own.host_and_port()},
       {"WORKER_WEBHOOK_URL_ALLOW_PRIVATE", "true"}}
  )};
  stack.submit();
  stack.submit();
  wait_until("the first is held", [&] { return silent.count() == 1; });
  const auto id =
      stack.submit({"", "ann", "", R"(,"webhookUrl":")" + own.url("/jobs?token=secret") + "\""});
  wait_until("the job's own event has arrived", [&] { return own.count() == 1; });
  CHECK(silent.count() == 1);
  const std::string request = own.requests().front();
  CHECK(request.starts_with("POST /jobs?token=secret HTTP/1.1\r\n"));
  CHECK(hook_header(request, "webhook-id") == id + "-completed");
  CHECK(
      hook_header(request, "webhook-signature")
      == signed_by('n', request) + " " + signed_by('o', request)
  );
  const auto job = stack.get("/worker/jobs/" + id);
  CHECK(text_at(job.json(), {"webhookReceiver"}) == "http://" + own.host_and_port());
  CHECK_FALSE(holds(job.body, "secret"));
  CHECK_FALSE(holds(stack.get("/worker/notifications?state=delivered").body, "secret"));
}

TEST_CASE("a job's own web hook is remembered by jobs and outbox over kill -9") {
  scripted_receiver own{{"503"}};
  service_stack stack{{
      {"WORKER_WEBHOOK_URL_ALLOW", own.host_and_port()},
      {"WORKER_WEBHOOK_URL_ALLOW_PRIVATE", "true"},
      {"WORKER_NOTIFY_MAX_PAUSE", "2s"},
  }};
  const std::string hook = R"(,"webhookUrl":")" + own.url() + "\"";
  const auto in_a_year = to_timestamp(std::chrono::system_clock::now()) + 365 * 24h;
  const auto waiting =
      stack.submit({"", "ann", "", hook + R"(,"runAt":")" + to_rfc3339(in_a_year) + "\""});
  const auto done = stack.submit({"", "ann", "", hook});
  wait_until("the first try has failed", [&] { return problems(stack, "failing") == 1; });
  stack.worker().signal(SIGKILL);
  REQUIRE(stack.worker().wait(10s) == 128 + SIGKILL);
  stack.start_worker();
  CHECK(stack.call("DELETE", "/worker/jobs/" + waiting).status == 200);
  wait_until("both events have arrived", [&] {
    return stack.metric("stayler_notifications_delivered_total") == 2;
  });
  std::set<std::string> ids;
  for (const std::string& request : own.requests()) {
    ids.insert(hook_header(request, "webhook-id"));
  }
  CHECK(ids == std::set<std::string>{done + "-completed", waiting + "-cancelled"});
}

TEST_CASE("what fails for good is told to the web hook as an alert, and by log and list") {
  scripted_receiver receiver;
  service_stack stack{hooked(
      {{"WORKER_WEBHOOK_URL", receiver.url()},
       {"WORKER_WEBHOOK_SECRET", hook_secret_of('a')},
       {"GEMINI_API_KEY", "invalid-key"}}
  )};
  stack.submit();
  const auto alert_of = [&]() -> std::string {
    const auto requests = receiver.requests();
    const auto found = std::ranges::find_if(requests, [](const std::string& request) {
      return holds(request, "alert.firing");
    });
    return found == requests.end() ? "" : *found;
  };
  wait_until("the alert is told", [&] { return !alert_of().empty(); });
  const std::string told = alert_of();
  CHECK(hook_header(told, "webhook-signature") == signed_by('a', told));
  const auto body = *adapters::parse_json(told.substr(told.find("\r\n\r\n") + 4));
  CHECK(text_at(body, {"data", "alert"}) == "ProviderKeyRefused");
  CHECK(text_at(body, {"data", "status"}) == "firing");
  CHECK(text_at(body, {"data", "summary"}) == "the provider refuses a key: authentication");
  wait_until("it is listed as delivered", [&] {
    return holds(
        stack.get("/worker/notifications?event=alert.firing&state=delivered").body,
        "ProviderKeyRefused"
    );
  });
  CHECK(holds(stack.worker().output(), "the provider refuses a key: authentication"));
}
