// SPDX-License-Identifier: MIT
// Proves that notifications arrive in the Standard Webhooks form, as a receiver would check them.
#include "adapters/notification_channel/notification_channel.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/http_client/http_client.hpp"
#include "adapters/json/json_reader.hpp"
#include "adapters/notification_channel/log_channel.hpp"
#include "adapters/notification_channel/notification_json.hpp"
#include "adapters/notification_channel/redis_channel.hpp"
#include "adapters/notification_channel/web_hook_channel.hpp"
#include "adapters/redis/redis_connection.hpp"
#include "adapters/redis/redis_listener.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis_process.hpp"
#include "tests/support/tcp_server.hpp"

#include <future>
#include <utility>

namespace stayler::adapters {

namespace {

using test::tcp_connection;
using test::tcp_server;

// The example of the Standard Webhooks specification.
constexpr const char* example_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* example_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* example_time = "1614265330";
constexpr const char* example_body = R"({"test": 2432232314})";
constexpr const char* example_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

/// What a receiver computes from the headers and the body.
std::string expected_signature(
    const std::string& key, const std::string& id, const std::string& time, const std::string& body
) {
  return "v1," + base64_encode(hmac_sha256(key, id + '.' + time + '.' + body));
}

std::string example_key() {
  const auto bytes = base64_decode(std::string_view{example_secret}.substr(6));
  REQUIRE(bytes);
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

notification completed() {
  notification event;
  event.event_id = "msg_1";
  event.event = "conversion.completed";
  event.at = *parse_rfc3339("2026-11-24T09:30:00.125Z");
  event.job = *parse_job_id("01936d4e-0000-7000-8000-000000000001");
  event.conversion_id = "c-1";
  event.user_id = "u \"1\"";
  event.result.image_id = "i-1";
  event.result.width = 30;
  event.result.height = 40;
  event.result.mime_type = "image/webp";
  event.result.bytes = 5'000'000'000;
  return event;
}

notification failed() {
  auto event = completed();
  event.event = "conversion.failed";
  event.result = {};
  event.error = {error_class::safety_blocked, "the picture was refused"};
  return event;
}

std::string header_of(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) {
    return {};
  }
  const auto start = at + name.size() + 4;
  return request.substr(start, request.find("\r\n", start) - start);
}

std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

/// One delivery to a server that gives that answer: the request that arrived, and the result.
struct delivery {
  std::string request;
  void_result outcome = ok();
};

delivery deliver(const notification& event, std::string secret, const std::string& answer) {
  delivery made;
  tcp_server server{[&](tcp_connection& connection) {
    made.request = connection.read_request();
    connection.write(answer);
    connection.await_close();
  }};
  {
    const auto client = make_curl_http_client();
    const auto channel = make_web_hook_channel(
        *client, {server.url("/hook"), std::move(secret), milliseconds{5'000}}
    );
    std::promise<void_result> promise;
    channel->deliver(event, [&](void_result what) { promise.set_value(std::move(what)); });
    made.outcome = promise.get_future().get();
  }
  return made;
}

std::string empty_answer(int status, const std::string& header = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + header
         + "Content-Length: 0\r\n\r\n";
}

}  // namespace

TEST_CASE("the specification's example has the specification's signature") {
  CHECK(
      expected_signature(example_key(), example_id, example_time, example_body) == example_signature
  );
}

TEST_CASE("a web hook carries the document, signed over its id, its time and its body") {
  const auto made = deliver(completed(), example_secret, empty_answer(204));
  CHECK(made.outcome.has_value());
  CHECK(made.request.starts_with("POST /hook HTTP/1.1\r\n"));
  CHECK(header_of(made.request, "content-type") == "application/json");
  CHECK(header_of(made.request, "webhook-id") == "msg_1");
  const auto time = header_of(made.request, "webhook-timestamp");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now).count() - std::stoll(time);
  CHECK(age >= 0);
  CHECK(age < 60);
  CHECK(body_of(made.request) == to_json(completed()));
  CHECK(
      header_of(made.request, "webhook-signature")
      == expected_signature(example_key(), "msg_1", time, body_of(made.request))
  );
}

TEST_CASE("a secret of another form is used as it is, and none leaves the hook unsigned") {
  const auto plain = deliver(completed(), "my secret", empty_answer(200));
  const auto time = header_of(plain.request, "webhook-timestamp");
  CHECK(
      header_of(plain.request, "webhook-signature")
      == expected_signature("my secret", "msg_1", time, body_of(plain.request))
  );
  const auto unsigned_hook = deliver(completed(), "", empty_answer(200));
  CHECK(unsigned_hook.outcome.has_value());
  CHECK(header_of(unsigned_hook.request, "webhook-signature").empty());
}

TEST_CASE("only answers that a later try can mend are retryable") {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    INFO(status);
    const auto made = deliver(completed(), "", empty_answer(status));
    REQUIRE_FALSE(made.outcome);
    CHECK(is_retryable(made.outcome.error().kind));
  }
  for (const int status : {301, 400, 401, 403, 404, 410, 413}) {
    INFO(status);
    const auto made = deliver(completed(), "", empty_answer(status));
    REQUIRE_FALSE(made.outcome);
    CHECK_FALSE(is_retryable(made.outcome.error().kind));
    CHECK(made.outcome.error().message.find(std::to_string(status)) != std::string::npos);
  }
}

TEST_CASE("a receiver that asks for a pause gets it") {
  const auto made = deliver(completed(), "", empty_answer(429, "Retry-After: 120\r\n"));
  REQUIRE_FALSE(made.outcome);
  CHECK(made.outcome.error().retry_after == milliseconds{120'000});
}

TEST_CASE("a receiver that hangs up can be tried again") {
  tcp_server server{[](tcp_connection& connection) { connection.read_request(); }};
  const auto client = make_curl_http_client();
  const auto channel = make_web_hook_channel(*client, {server.url(), "", milliseconds{5'000}});
  std::promise<void_result> promise;
  channel->deliver(completed(), [&](void_result what) { promise.set_value(std::move(what)); });
  const auto outcome = promise.get_future().get();
  REQUIRE_FALSE(outcome);
  CHECK(is_retryable(outcome.error().kind));
}

TEST_CASE("the document of a completed conversion tells where the result is") {
  CHECK(
      to_json(completed())
      == R"({"id":"msg_1","type":"conversion.completed","event":"conversion.completed",)"
         R"("timestamp":"2026-11-24T09:30:00.125Z",)"
         R"("data":{"jobId":"01936d4e-0000-7000-8000-000000000001","conversionId":"c-1",)"
         R"("userId":"u \"1\"","status":"completed","result":{"imageId":"i-1","url":"/images/i-1",)"
         R"("thumbnailUrl":"/images/i-1/thumbnail","width":30,"height":40,)"
         R"("mimeType":"image/webp","bytes":5000000000}}})"
  );
}

TEST_CASE("the document of a failed conversion says why, that of a cancelled one neither") {
  const auto failure_document = parse_json(to_json(failed()));
  REQUIRE(failure_document);
  const auto* data = failure_document->find("data");
  CHECK(*data->find("status")->as<std::string>() == "failed");
  CHECK(data->find("result") == nullptr);
  CHECK(*data->find("error")->find("class")->as<std::string>() == "safety_blocked");
  CHECK(*data->find("error")->find("message")->as<std::string>() == "the picture was refused");
  CHECK_FALSE(*data->find("error")->find("retryable")->as<bool>());

  auto event = completed();
  event.event = "conversion.cancelled";
  event.result = {};
  const auto cancelled_document = parse_json(to_json(event));
  REQUIRE(cancelled_document);
  CHECK(*cancelled_document->find("data")->find("status")->as<std::string>() == "cancelled");
  CHECK(cancelled_document->find("data")->find("result") == nullptr);
  CHECK(cancelled_document->find("data")->find("error") == nullptr);
}

TEST_CASE("the log channel takes every notification") {
  const auto channel = make_log_channel();
  CHECK(channel->name() == "log");
  int deliveries = 0;
  channel->deliver(completed(), [&](const void_result& what) { deliveries += what ? 1 : 0; });
  channel->deliver(failed(), [&](const void_result& what) { deliveries += what ? 1 : 0; });
  CHECK(deliveries == 2);
}

TEST_CASE("the log channel names no user and no conversion, only the job") {
  const auto event = failed();
  std::string line;
  {
    const test::captured_stderr written;
    make_log_channel()->deliver(event, [](const void_result&) {});
    line = written.text();
  }
  CHECK(line.find("jobId=" + to_string(event.job)) != std::string::npos);
  CHECK(line.find(event.event) != std::string::npos);
  CHECK(line.find("userId") == std::string::npos);
  CHECK(line.find(event.conversion_id) == std::string::npos);
  CHECK(line.find(event.error.message) == std::string::npos);
}

TEST_CASE("the Redis channel publishes the document, whether or not anybody listens") {
  test::redis_process server;
  const auto options = parse_redis_url(server.url());
  REQUIRE(options);
  const auto channel = make_redis_channel(*options, "stayler.done");
  CHECK(channel->name() == "redis");
  const auto deliver = [&] {
    std::promise<void_result> promise;
    channel->deliver(completed(), [&](void_result what) { promise.set_value(std::move(what)); });
    return promise.get_future().get();
  };
  CHECK(deliver());

  std::promise<std::string> heard;
  // A server that starts slowly is heard again before the last delivery.
  bool has_heard = false;
  const redis_listener listener{*options, "stayler.done", [&](std::string_view message) {
                                  if (!std::exchange(has_heard, true)) {
                                    heard.set_value(std::string{message});
                                  }
                                }};
  auto asking = redis_connection::open(*options);
  REQUIRE(asking);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  for (bool is_there = false; !is_there;) {
    REQUIRE(std::chrono::steady_clock::now() < patience);
    is_there = asking->command({"PUBSUB", "NUMSUB", "stayler.done"})->value()[1].number() == 1;
  }
  CHECK(deliver());
  CHECK(heard.get_future().get() == to_json(completed()));

  server.stop();
  const auto refused = deliver();
  REQUIRE_FALSE(refused);
  CHECK(is_retryable(refused.error().kind));
  server.start();
  CHECK(deliver());
}

}  // namespace stayler::adapters
