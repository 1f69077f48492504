// SPDX-License-Identifier: MIT
#pragma once

// The provider's client with real limits, over HTTP that the test answers, among fakes.

#include "actors/provider/client/gemini_client.hpp"
#include "actors/provider/limits/provider_limits.hpp"
#include "adapters/http_client/http_client.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::test {

/// An HTTP client that keeps what it was given until the test answers.
class scripted_http final : public adapters::http_client {
 public:
  adapters::http_ticket send(adapters::http_request request, completion done) override;
  void cancel(adapters::http_ticket ticket) override;

  std::vector<adapters::http_request> requests;
  std::vector<completion> completions;
  std::vector<std::size_t> cancelled;
};

class gemini_fixture : public fixture {
 public:
  gemini_fixture();

  /// Starts limits, and a client that asks them, with the fixture's settings and peers.
  void start();

  /// Tells both of the fixture's settings.
  void change_settings();

  /// A cache that holds what it is told to.
  void add_cache();

  /// Records that know what was spent, and remember what is added.
  void add_records();

  /// A queue that remembers the last capacity.
  void add_queue();

  pending<generation_result> generate(std::uint64_t token = 1, const std::string& prompt = {});

  void answer(std::size_t call, adapters::http_response response);

  /// The whole request has left.
  void take_body(std::size_t call);

  void break_off(std::size_t call, error_class kind, bool was_sent);

  static adapters::http_response picture();
  static adapters::http_response overloaded();
  static adapters::http_response limited(const std::string& delay);

  /// Ten calls that the provider fails: more than it takes for the breaker to open.
  void fail_ten_calls();

  std::weak_ptr<std::vector<std::byte>> image;  ///< of the latest request
  trace_context trace;                          ///< of requests to come
  settings config;
  actors::gemini_client_options options;
  actors::provider_limits_options limits_options;
  cache_lookup cached;
  std::vector<user_spending> spent;
  std::vector<user_spending> recorded;
  queue_actor queue;
  std::optional<provider_capacity> capacity;
  std::shared_ptr<scripted_http> http = std::make_shared<scripted_http>();
  std::vector<provider_event> events;
  actors::provider_limits_impl limits;
  actors::gemini_client_impl client;
};

}  // namespace stayler::test
