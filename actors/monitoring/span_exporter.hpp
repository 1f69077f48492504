// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/http_outcome.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/http_client/http_client.hpp"
#include "adapters/tracing/otlp.hpp"
#include "adapters/tracing/span_buffer.hpp"
#include "messages/protocol.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::actors {

struct span_exporter_options {
  adapters::span_buffer_ptr spans;
  std::shared_ptr<adapters::http_client> http;
  metrics_actor metrics;
  adapters::span_resource resource;
  std::string url;  ///< of the collector
  std::vector<std::pair<std::string, std::string>> headers{};
  milliseconds interval{5'000};  ///< between two looks whether there are spans
  milliseconds call_timeout{10'000};
  milliseconds first_pause{1'000};  ///< before a batch is sent again; doubled each time,
  milliseconds max_pause{30'000};   ///< up to this, unless the collector asks for longer
  milliseconds give_up{120'000};  ///< no further pause of our own begins that ends later than that
};

/// What the exporter tells itself, beside its public interface.
using span_exporter_impl = span_exporter_actor::extend<
    /// Time to look whether there are spans.
    caf::reacts_to<poll_atom>,
    /// Enough of them for a batch have come.
    caf::reacts_to<look_atom>,
    /// Time to send that batch again.
    caf::reacts_to<resend_atom, std::uint64_t>,
    /// The collector's answer to that batch.
    caf::reacts_to<http_done_atom, std::uint64_t, http_outcome>>;

/// Sends what is in the buffer to a collector, batch after batch:
///
///   idle --spans--> sending --taken, refused, given up--> idle
///                    |   ^
///        try later   |   |  pause over, flush
///                    v   |
///                   pausing
///
/// While it pauses, spans stay in the buffer, which drops the oldest when it is full: nobody ever
/// waits for a collector.
class span_exporter_state {
 public:
  static inline const char* name = "span_exporter";

  using pointer = span_exporter_impl::stateful_pointer<span_exporter_state>;

  explicit span_exporter_state(pointer self) : self_(self) {}
  ~span_exporter_state();

  span_exporter_impl::behavior_type make_behavior(span_exporter_options options);

 private:
  enum class phase : std::uint8_t { idle, sending, pausing };

  void poll();
  void look();
  void begin_batch();
  void send();
  void send_again(std::uint64_t batch);
  void on_outcome(std::uint64_t batch, const http_outcome& outcome);
  void on_answer(const adapters::http_response& answer);

  /// The collector has said, or the network, that it may do later.
  void try_later(const std::string& why, milliseconds asked_for);
  void drop_batch(std::uint64_t span_report::*as, const std::string& why);
  void end_batch();

  caf::result<unit_value> flush();
  void report();

  pointer self_;
  span_exporter_options options_;
  phase phase_ = phase::idle;
  std::uint64_t batch_ = 0;     ///< the number of the latest
  std::uint64_t size_ = 0;      ///< its spans
  std::string body_;            ///< of its export
  std::uint32_t tries_ = 0;     ///< of it
  milliseconds paused_for_{0};  ///< all pauses of it together
  adapters::http_ticket ticket_{};
  span_report counts_;  ///< since the last report
  bool has_complained_ = false;
  std::vector<reply_promise<unit_value>> flushes_;
};

span_exporter_impl::behavior_type span_exporter(
    span_exporter_state::pointer self, span_exporter_options options
);

}  // namespace stayler::actors
