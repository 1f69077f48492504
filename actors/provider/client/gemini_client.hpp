// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/client/call_spans.hpp"
#include "actors/provider/client/gemini_client_impl.hpp"
#include "actors/provider/client/setup_check.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/gemini/price_table.hpp"
#include "adapters/gemini/provider_keys.hpp"
#include "adapters/http_client/http_client.hpp"
#include "messages/protocol.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::actors {

struct gemini_client_options {
  std::shared_ptr<adapters::http_client> http;
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  metrics_actor metrics;
  result_cache_actor cache;         ///< null: nothing is looked up
  call_limits_actor limits;         ///< says when a call may be made
  adapters::span_buffer_ptr spans;  ///< null: nothing is recorded
  milliseconds resend_pause{200};   ///< before the first re-send; doubled for each further one
  /// Where there are several keys or models, or the call can wait: how long the images stay for a
  /// re-send with another one, or as an urgent call.
  /// Refusals come in milliseconds, pictures in half a minute.
  milliseconds refusal_window{5'000};
  bool checks_setup = false;  ///< asks whether address, keys and models work
};

/// One request for a picture, over all its re-sends.
struct generation_call {
  using clock_time = std::chrono::steady_clock::time_point;

  generation_request request;  ///< without its images' bytes, once no re-send may need them
  shared_reply_promise<generation_result> answer;
  call_spans spans{};
  timestamp deadline;
  std::optional<content_hash> key;    ///< where it may share its result
  std::optional<clock_time> sent_at;  ///< while it is on the wire
  failure refusal;                    ///< of the last key, while another one is asked for
  bool can_wait = false;              ///< as was asked; the request says as what it is sent
  bool is_tier_refused = false;       ///< as a call that can wait
  std::string key_id;                 ///< of the last sending
  std::string model;                  ///< of the last sending
  adapters::http_ticket ticket{};
  std::uint32_t sends = 0;
  std::uint32_t key_changes = 0;
  std::uint32_t model_changes = 0;
};

/// Calls the provider, whenever the limits permit it; what was made before is not paid for again.
/// Thousands of calls are in flight on the HTTP client's one thread; this actor only starts them
/// and reads what came back.
class gemini_client_state {
 public:
  static inline const char* name = "gemini_client";

  using pointer = gemini_client_impl::stateful_pointer<gemini_client_state>;

  void begin(pointer self, gemini_client_options options);
  ~gemini_client_state();

  gemini_client_impl::behavior_type make_behavior();

  caf::result<generation_result> generate(generation_request& request);
  void abort(const attempt_id& attempt);
  void on_http_outcome(std::uint64_t number, http_outcome& outcome);
  void send_again(std::uint64_t number);
  void on_body_taken(std::uint64_t number, std::uint32_t send);
  void release_images(std::uint64_t number, std::uint32_t send);
  void change_settings(settings& changed);

 private:
  using clock_time = generation_call::clock_time;
  using calls = std::map<std::uint64_t, generation_call>;
  using call_entry = calls::iterator;

  /// What a picture may be cached by, and whether its makers can wait: who cannot does not share
  /// the call of one who can.
  using shared_key = std::pair<content_hash, bool>;

  /// Requests for the same picture: the first is carried out, the others wait for it.
  struct shared_request {
    std::uint64_t first = 0;
    std::vector<std::uint64_t> others;
  };

  // What to do with a request (gemini_client.cpp).
  void configure();
  void look_up(std::uint64_t number);
  void request_permit(std::uint64_t number, bool requeue_first = false);
  void on_permit(std::uint64_t number, const call_permit& permit);
  void on_no_permit(std::uint64_t number, const failure& why);
  void settle_unmade(const generation_call& call);

  // A request on the wire, and its end (gemini_calls.cpp).
  void send(call_entry call, const std::string& key);
  /// After a refusal: true where the call is tried again, with another key, with another model, or
  /// as one that cannot wait.
  bool try_otherwise(call_entry call, const failure& error);
  void on_response(call_entry call, adapters::http_response& response);
  void on_transport_error(call_entry call, const adapters::http_error& error);
  /// What is told of a refusal after which the call is not tried otherwise.
  [[nodiscard]] failure final_error(const generation_call& call, const failure& error) const;
  bool change_key(generation_call& call, const failure& error);
  bool change_model(generation_call& call, const failure& error);
  bool change_tier(generation_call& call, const failure& error);
  [[nodiscard]] bool takes_flex(const std::string& model) const;
  /// What has come of that model tells of flex calls, too.
  void note_tier(const generation_call& call);
  void complete(call_entry call, generation_result& made);
  void fail(call_entry call, const failure& error);
  void forget(call_entry call);
  void leave_shared_request(call_entry call);
  /// Says what became of the call: to those who permitted it, and to the counters.
  void settle(
      generation_call& call,
      std::uint32_t http_status,
      const failure& error,
      const token_usage& usage,
      const spending& cost
  );
  [[nodiscard]] spending most_of(const generation_call& call) const;

  [[nodiscard]] clock_time now() const { return self_->clock().now(); }
  [[nodiscard]] timestamp date() const { return options_.clock->now(); }
  [[nodiscard]] milliseconds time_left(const generation_call& call) const;
  [[nodiscard]] milliseconds longest_call(const generation_request& request) const;
  [[nodiscard]] const adapters::model_prices& prices(const std::string& model) const;
  /// Of the dearest model that may be asked.
  [[nodiscard]] micro_dollars highest_price(const generation_request& request) const;
  [[nodiscard]] static shared_key share_of(const generation_call& call) {
    return {*call.key, call.can_wait};
  }

  pointer self_ = nullptr;
  gemini_client_options options_;
  std::vector<adapters::provider_key> keys_;
  std::vector<adapters::model_prices> price_table_;
  std::vector<std::string> models_;                 ///< that may be asked, the preferred one first
  std::map<std::string, clock_time> without_flex_;  ///< models that take no flex calls, until then
  setup_check setup_;

  calls calls_;
  std::map<attempt_id, std::uint64_t> numbers_;
  std::map<shared_key, shared_request> shared_requests_;
  std::uint64_t last_number_ = 0;
};

gemini_client_impl::behavior_type gemini_client(
    gemini_client_state::pointer self, gemini_client_options options
);

}  // namespace stayler::actors
