// SPDX-License-Identifier: MIT
#include "tests/actors/provider/client/gemini_fixture.hpp"

#include <utility>

namespace stayler::test {

adapters::http_ticket scripted_http::send(adapters::http_request request, completion done) {
  requests.push_back(std::move(request));
  completions.push_back(std::move(done));
  return adapters::http_ticket{requests.size()};
}

void scripted_http::cancel(adapters::http_ticket ticket) {
  cancelled.push_back(static_cast<std::size_t>(ticket) - 1);
}

gemini_fixture::gemini_fixture() {
  config.gemini.api_key = "secret-key";
  options.http = http;
  options.clock = clock();
  options.metrics = spawn_fake<metrics_actor>(
      [](caf::event_based_actor*, std::vector<provider_event>* seen) -> caf::behavior {
        return {
            [seen](const provider_event& event) { seen->push_back(event); },
            [](const provider_status&) {}};
      },
      &events
  );
  start();
}

void gemini_fixture::start() {
  limits_options.config = config;
  limits_options.metrics = options.metrics;
  limits_options.clock = clock();
  limits = spawn(actors::provider_limits, limits_options);
  options.config = config;
  options.limits = limits;
  client = spawn(actors::gemini_client, options);
}

void gemini_fixture::change_settings() {
  tell(limits, settings_atom_v, config);
  tell(client, settings_atom_v, config);
}

void gemini_fixture::add_cache() {
  options.cache = spawn_fake<result_cache_actor>(
      [](caf::event_based_actor*, gemini_fixture* test) -> caf::behavior {
        return {[test](find_atom, const content_hash&) { return test->cached; }};
      },
      this
  );
}

void gemini_fixture::add_records() {
  limits_options.records = spawn_fake<record_io_actor>(
      [](caf::event_based_actor*, gemini_fixture* test) -> caf::behavior {
        return {
            [test](spending_atom, const std::string&) { return test->spent; },
            [test](record_atom, const user_spending& entry) {
              test->recorded.push_back(entry);
              return unit_value{};
            }};
      },
      this
  );
}

void gemini_fixture::add_queue() {
  queue = spawn_fake<queue_actor>(
      [](caf::event_based_actor*, gemini_fixture* test) -> caf::behavior {
        return {[test](capacity_atom, const provider_capacity& told) { test->capacity = told; }};
      },
      this
  );
  tell(limits, watch_atom_v, queue);
}

pending<generation_result> gemini_fixture::generate(
    std::uint64_t token, const std::string& prompt
) {
  generation_request request;
  request.attempt.token = fencing_token{token};
  request.prompt = prompt.empty() ? "dress " + std::to_string(token) : prompt;
  request.user_id = "u1";
  request.trace = trace;
  const auto bytes = std::make_shared<std::vector<std::byte>>(9);
  image = bytes;
  request.images.push_back({bytes, {image_format::jpeg, 3, 3}});
  return ask<generation_result>(client, generate_atom_v, request);
}

void gemini_fixture::answer(std::size_t call, adapters::http_response response) {
  http->completions.at(call)(std::move(response));
  run();
}

void gemini_fixture::take_body(std::size_t call) {
  http->requests.at(call).body.reset();
  http->requests.at(call).on_body_taken();
  run();
}

void gemini_fixture::break_off(std::size_t call, error_class kind, bool was_sent) {
  http->completions.at(call)(adapters::http_error{{kind, "broken", {}}, was_sent});
  run();
}

adapters::http_response gemini_fixture::picture() {
  return {
      200,
      {},
      R"({"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGVsbG8="}}]},)"
      R"("finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7},)"
      R"("modelVersion":"m1"})"};
}

adapters::http_response gemini_fixture::overloaded() {
  return {503, {}, R"({"error":{"code":503,"status":"UNAVAILABLE"}})"};
}

adapters::http_response gemini_fixture::limited(const std::string& delay) {
  return {
      429,
      {},
      R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")"
          + delay + R"("}]}})"};
}

void gemini_fixture::fail_ten_calls() {
  const std::size_t first = http->requests.size();
  for (std::uint64_t i = 0; i < 10; ++i) {
    generate(1'000 + i);
    answer(first + i, overloaded());
  }
}

}  // namespace stayler::test
