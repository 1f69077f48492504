// SPDX-License-Identifier: MIT

// Web hooks in the Standard Webhooks form, as a receiver checks them, and what its answers mean.

#include "adapters/notification_channel/web_hook_channel.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/notification_channel/notification_json.hpp"
#include "tests/integration/notifications/hook_test_support.hpp"

#include <ctime>

namespace stayler::adapters {

namespace {

// The example of the Standard Webhooks specification.
constexpr const char* example_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* example_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* example_time = "1614265330";
constexpr const char* example_body = R"({"test": 2432232314})";
constexpr const char* example_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

std::string example_key() {
  return parse_web_hook_secrets(example_secret)->front();
}

struct meaning {
  int status;
  delivery_problem problem;
  std::string words;
};

}  // namespace

TEST_CASE("the specification's example has the specification's signature") {
  CHECK(
      expected_signature(example_key(), example_id, example_time, example_body) == example_signature
  );
}

TEST_CASE("a web hook carries the document, signed over its id, its time and its body") {
  const auto made = deliver_to_hook(example_secret, empty_answer(204));
  CHECK(made.outcome.is_success());
  CHECK(made.request.starts_with("POST /hook HTTP/1.1\r\n"));
  CHECK(header_in(made.request, "content-type") == "application/json");
  CHECK(header_in(made.request, "webhook-id") == "msg_1");
  const auto time = header_in(made.request, "webhook-timestamp");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now).count() - std::stoll(time);
  CHECK(age >= 0);
  CHECK(age < 60);
  CHECK(body_in(made.request) == to_json(hook_event()));
  CHECK(
      header_in(made.request, "webhook-signature")
      == expected_signature(example_key(), "msg_1", time, body_in(made.request))
  );
}

TEST_CASE("with several secrets there is a signature by each, and with none there is none") {
  const std::string other = base64_encode(std::string(32, 'k'));
  const auto made = deliver_to_hook("whsec_" + other + " " + example_secret, empty_answer(200));
  const auto by = [&](const std::string& key) {
    return expected_signature(
        key, "msg_1", header_in(made.request, "webhook-timestamp"), body_in(made.request)
    );
  };
  CHECK(
      header_in(made.request, "webhook-signature")
      == by(std::string(32, 'k')) + " " + by(example_key())
  );
  const auto unsigned_hook = deliver_to_hook("", empty_answer(200));
  CHECK(unsigned_hook.outcome.is_success());
  CHECK(header_in(unsigned_hook.request, "webhook-signature").empty());
}

TEST_CASE("each answer has its meaning, in words of its own that name the status") {
  using enum delivery_problem;
  const std::vector<meaning> meanings{
      {300, redirect, "redirects"},     {400, rejected, "does not take"},
      {401, refused, "login"},          {403, refused, "signature"},
      {404, not_found, "nothing"},      {408, timeout, "in time"},
      {409, rejected, "does not take"}, {410, gone, "no more"},
      {413, rejected, "does not take"}, {429, rate_limited, "fewer"},
      {500, failing, "fails"},          {503, failing, "fails"},
  };
  for (const meaning& each : meanings) {
    INFO(each.status);
    const auto made = deliver_to_hook("", empty_answer(each.status));
    CHECK(made.outcome.problem == each.problem);
    CHECK(made.outcome.error.message.find(each.words) != std::string::npos);
    CHECK(made.outcome.error.message.find(std::to_string(each.status)) != std::string::npos);
  }
}

TEST_CASE("a redirect is not followed, and is told with its host, without its path") {
  struct redirection {
    std::string to;
    std::string told;
  };
  for (const redirection& each : std::vector<redirection>{
           {"https://new.example:8443/hook?token=secret", "redirects to https://new.example:8443:"},
           {"/secret/", "redirects to another path of its own:"},
           {"//new.example/secret", "redirects to http://new.example:"},
           {"mailto:secret", "redirects to elsewhere:"},
           {"http://\xC3\xA4.example/secret", "redirects to "}}) {
    INFO(each.to);
    for (const int status : {301, 302, 303, 307, 308}) {
      const auto made = deliver_to_hook("", empty_answer(status, "Location: " + each.to + "\r\n"));
      CHECK(made.outcome.problem == delivery_problem::redirect);
      CHECK(made.outcome.error.message.find(each.told) != std::string::npos);
      CHECK(made.outcome.error.message.find("secret") == std::string::npos);
      CHECK(made.outcome.error.message.find("set the new address") != std::string::npos);
      CHECK(made.connections == 1);
    }
  }
}

TEST_CASE("a receiver that asks for a pause gets it, in seconds or until a date") {
  const auto pause = [](const std::string& text) {
    const auto made = deliver_to_hook("", empty_answer(429, "Retry-After: " + text + "\r\n"));
    return made.outcome.error.retry_after;
  };
  CHECK(pause("120") == milliseconds{120'000});
  CHECK(pause("soon") == milliseconds{0});
  const std::time_t later = std::time(nullptr) + 600;
  std::string date(64, '\0');
  std::tm parts{};
  gmtime_r(&later, &parts);
  date.resize(std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  const auto asked = pause(date);
  CHECK(asked > std::chrono::seconds{500});
  CHECK(asked <= std::chrono::seconds{601});
}

TEST_CASE("a receiver that hangs up, is away or does not answer has a problem of its own") {
  const auto client = make_curl_http_client();
  const auto problem_at = [&](const std::string& url) {
    const auto channel = make_web_hook_channel(*client, {url, {}, milliseconds{300}});
    return deliver_by(*channel, hook_event()).problem;
  };
  {
    const test::tcp_server hangs_up{
        [](test::tcp_connection& connection) { connection.read_request(); }};
    CHECK(problem_at(hangs_up.url()) == delivery_problem::unreachable);
  }
  {
    const test::tcp_server silent{
        [](test::tcp_connection& connection) { connection.await_close(); }};
    CHECK(problem_at(silent.url()) == delivery_problem::timeout);
  }
  CHECK(problem_at("http://127.0.0.1:1/") == delivery_problem::unreachable);
}

}  // namespace stayler::adapters
