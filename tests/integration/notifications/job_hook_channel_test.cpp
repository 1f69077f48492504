// SPDX-License-Identifier: MIT

// Jobs with a web hook of their own: where their notifications go, and where none may go.

#include "adapters/notification_channel/job_hook_channel.hpp"

#include "tests/integration/notifications/hook_test_support.hpp"

#include <atomic>

namespace stayler::adapters {

namespace {

/// The channel of all other notifications.
class usual_channel final : public notification_channel {
 public:
  explicit usual_channel(std::atomic<int>& deliveries) : deliveries_(deliveries) {}

  void deliver(const notification& /*event*/, completion done) override {
    ++deliveries_;
    done({});
  }
  [[nodiscard]] std::string name() const override { return "usual"; }

 private:
  std::atomic<int>& deliveries_;
};

struct job_hooks {
  std::atomic<int> usual{0};
  std::atomic<int> requests{0};
  std::string request;
  test::tcp_server server{[this](test::tcp_connection& connection) {
    request = connection.read_request();
    ++requests;
    connection.write(empty_answer(200));
    connection.await_close();
  }};

  [[nodiscard]] std::string host_and_port(const std::string& host = "127.0.0.1") const {
    return host + ":" + std::to_string(server.port());
  }

  [[nodiscard]] std::unique_ptr<notification_channel> channel(
      const std::string& hosts, bool allows_private
  ) {
    return make_job_hook_channel(
        std::make_unique<usual_channel>(usual),
        {{parse_host_patterns(hosts).value(), allows_private, "WORKER_WEBHOOK_URL_ALLOW"},
         {"key"},
         milliseconds{5'000}}
    );
  }

  [[nodiscard]] static notification event_for(const std::string& url) {
    auto event = hook_event();
    event.webhook_url = url;
    return event;
  }
};

}  // namespace

TEST_CASE_METHOD(
    job_hooks, "a job's notification goes where the job says, signed, and others as usual"
) {
  const auto hooks = channel(host_and_port(), true);
  CHECK(deliver_by(*hooks, event_for("http://" + host_and_port() + "/a?b=c")).is_success());
  CHECK(usual == 0);
  CHECK(request.starts_with("POST /a?b=c HTTP/1.1\r\n"));
  CHECK(
      header_in(request, "webhook-signature")
      == expected_signature(
          "key", "msg_1", header_in(request, "webhook-timestamp"), body_in(request)
      )
  );
  CHECK(body_in(request).find("/a?b=c") == std::string::npos);
  CHECK(deliver_by(*hooks, hook_event()).is_success());
  CHECK(usual == 1);
  CHECK(requests == 1);
  CHECK(
      hooks->receiver_of(event_for("https://Hooks.example.com/a")) == "https://hooks.example.com"
  );
  CHECK(hooks->receiver_of(hook_event()).empty());
  CHECK(hooks->name() == "usual");
}

TEST_CASE_METHOD(job_hooks, "what is not allowed, or not any more, goes nowhere") {
  const std::string url = "http://" + host_and_port() + "/secret";
  for (const auto& [hosts, allows_private] :
       {std::pair{std::string{}, true}, std::pair{std::string{"other.example"}, true},
        std::pair{host_and_port(), false}}) {
    INFO(hosts);
    const auto outcome = deliver_by(*channel(hosts, allows_private), event_for(url));
    CHECK(outcome.problem == delivery_problem::not_allowed);
    CHECK(outcome.error.message.find("secret") == std::string::npos);
  }
  CHECK(requests == 0);
  CHECK(usual == 0);
}

TEST_CASE_METHOD(job_hooks, "a name that leads to an address that is not public is not called") {
  const auto hooks = channel(host_and_port("localhost"), false);
  const auto outcome =
      deliver_by(*hooks, event_for("http://" + host_and_port("localhost") + "/hook"));
  CHECK(outcome.problem == delivery_problem::not_allowed);
  CHECK(requests == 0);
  const auto trusting = channel(host_and_port("localhost"), true);
  CHECK(deliver_by(*trusting, event_for("http://" + host_and_port("localhost") + "/hook"))
            .is_success());
}

TEST_CASE_METHOD(job_hooks, "a redirect of a job's hook is not followed") {
  const test::tcp_server moved{[this](test::tcp_connection& connection) {
    connection.read_request();
    connection.write(empty_answer(307, "Location: http://" + host_and_port() + "/\r\n"));
    connection.await_close();
  }};
  const std::string there = "127.0.0.1:" + std::to_string(moved.port());
  const auto hooks = channel(there + "," + host_and_port(), true);
  const auto outcome = deliver_by(*hooks, event_for("http://" + there + "/hook"));
  CHECK(outcome.problem == delivery_problem::redirect);
  CHECK(requests == 0);
}

}  // namespace stayler::adapters
