// SPDX-License-Identifier: MIT

// What a notification says, and what the log and a channel of Redis get of it.
#include "adapters/notification_channel/notification_channel.hpp"

#include "adapters/json/json_reader.hpp"
#include "adapters/notification_channel/log_channel.hpp"
#include "adapters/notification_channel/notification_json.hpp"
#include "adapters/notification_channel/redis_channel.hpp"
#include "adapters/redis/connection/redis_connection.hpp"
#include "adapters/redis/connection/redis_listener.hpp"
#include "tests/integration/notifications/hook_test_support.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <future>
#include <utility>

namespace stayler::adapters {

namespace {

notification completed() {
  notification event = hook_event();
  event.result.image_id = "i-1";
  event.result.width = 30;
  event.result.height = 40;
  event.result.mime_type = "image/webp";
  event.result.bytes = 5'000'000'000;
  event.webhook_url = "https://hooks.example.com/secret-path";
  return event;
}

notification failed() {
  auto event = completed();
  event.event = "conversion.failed";
  event.result = {};
  event.error = {error_class::safety_blocked, "the picture was refused"};
  return event;
}

}  // namespace

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
  channel->deliver(completed(), [&](const delivery_result& what) {
    deliveries += what.is_success() ? 1 : 0;
  });
  channel->deliver(failed(), [&](const delivery_result& what) {
    deliveries += what.is_success() ? 1 : 0;
  });
  CHECK(deliveries == 2);
}

TEST_CASE("the log channel names no user and no conversion, only the job") {
  const auto event = failed();
  std::string line;
  {
    const test::captured_stderr written;
    make_log_channel()->deliver(event, [](const delivery_result&) {});
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
    std::promise<delivery_result> promise;
    channel->deliver(completed(), [&](delivery_result what) {
      promise.set_value(std::move(what));
    });
    return promise.get_future().get();
  };
  CHECK(deliver().is_success());

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
  CHECK(deliver().is_success());
  CHECK(heard.get_future().get() == to_json(completed()));

  server.stop();
  CHECK(deliver().problem == delivery_problem::failing);
  server.start();
  CHECK(deliver().is_success());
}

}  // namespace stayler::adapters
