// SPDX-License-Identifier: MIT
#include "actors/monitoring/span_exporter.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "adapters/http_client/retry_after.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <variant>

namespace stayler::actors {

namespace {

using adapters::logs::service::log;

/// What a collector may ask for with Retry-After, all pauses of a batch together: longer is as good
/// as gone.
constexpr std::chrono::minutes most_asked_for{10};

/// By the specification of OTLP/HTTP: all others say that it is of no use to try again.
bool asks_for_later(std::uint32_t status) noexcept {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

span_exporter_state::~span_exporter_state() {
  if (options_.spans) {
    options_.spans->on_full_batch({});
  }
  if (phase_ == phase::sending) {
    options_.http->cancel(ticket_);
  }
}

void span_exporter_state::poll() {
  self_->delayed_send(self_, options_.interval, poll_atom_v);
  look();
}

void span_exporter_state::look() {
  if (phase_ == phase::idle) {
    begin_batch();
  }
}

void span_exporter_state::begin_batch() {
  const std::vector<adapters::span> spans = options_.spans->take();
  if (spans.empty()) {
    end_batch();
    return;
  }
  ++batch_;
  size_ = spans.size();
  body_ = adapters::render_export(options_.resource, spans);
  tries_ = 0;
  paused_for_ = milliseconds{0};
  send();
}

void span_exporter_state::send() {
  phase_ = phase::sending;
  ++tries_;
  adapters::http_request request;
  request.method = "POST";
  request.url = options_.url;
  request.headers = options_.headers;
  request.headers.emplace_back("content-type", "application/json");
  request.timeout = options_.call_timeout;
  request.body = adapters::make_string_body(body_);
  // Weakly: the client may answer long after the actor's end.
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(self_);
  ticket_ = options_.http->send(std::move(request), [weak, batch = batch_](auto outcome) {
    if (const auto strong = weak.lock()) {
      caf::anon_send(
          caf::actor_cast<span_exporter_impl>(strong), http_done_atom_v, batch,
          http_outcome{std::move(outcome)}
      );
    }
  });
}

void span_exporter_state::send_again(std::uint64_t batch) {
  if (phase_ == phase::pausing && batch == batch_) {
    send();
  }
}

void span_exporter_state::on_outcome(std::uint64_t batch, const http_outcome& outcome) {
  if (phase_ != phase::sending || batch != batch_) {
    return;
  }
  if (const auto* error = std::get_if<adapters::http_error>(&outcome.content)) {
    try_later(error->error.message, {});
  } else {
    on_answer(std::get<adapters::http_response>(outcome.content));
  }
}

void span_exporter_state::on_answer(const adapters::http_response& answer) {
  const std::string status = "the collector answers " + std::to_string(answer.status);
  if (asks_for_later(answer.status)) {
    try_later(status, adapters::retry_after(answer));
    return;
  }
  if (answer.status < 200 || answer.status >= 300) {
    drop_batch(&span_report::refused, status);
    return;
  }
  const auto [refused, reason] = adapters::read_export_answer(answer.body);
  counts_.exported += size_ - std::min(refused, size_);
  counts_.refused += std::min(refused, size_);
  if (refused > 0) {
    log.warning("spans were refused", {{"spans", refused}, {"reason", reason}});
  }
  has_complained_ = false;
  begin_batch();
}

void span_exporter_state::try_later(const std::string& why, milliseconds asked_for) {
  const milliseconds doubled = options_.first_pause * (1U << std::min(tries_ - 1, 10U));
  const milliseconds pause = std::max(std::min(doubled, options_.max_pause), asked_for);
  paused_for_ += pause;
  const milliseconds give_up = asked_for > doubled ? most_asked_for : options_.give_up;
  // Who ends waits for nobody.
  if (!flushes_.empty() || paused_for_ > give_up) {
    drop_batch(&span_report::undelivered, why);
    return;
  }
  phase_ = phase::pausing;
  self_->delayed_send(self_, pause, resend_atom_v, batch_);
}

void span_exporter_state::drop_batch(std::uint64_t span_report::*as, const std::string& why) {
  counts_.*as += size_;
  if (!std::exchange(has_complained_, true)) {
    log.warning("spans were dropped", {{"spans", size_}, {"reason", why}});
  }
  if (as == &span_report::undelivered) {
    // Who ends does not try the collector with the others.
    while (!flushes_.empty() && !options_.spans->is_empty()) {
      counts_.undelivered += options_.spans->take().size();
    }
  }
  report();
  begin_batch();
}

void span_exporter_state::end_batch() {
  phase_ = phase::idle;
  body_ = {};
  report();
  for (auto& answer : std::exchange(flushes_, {})) {
    answer.deliver(unit_value{});
  }
}

caf::result<unit_value> span_exporter_state::flush() {
  flushes_.push_back(make_reply_promise<unit_value>(self_));
  if (phase_ == phase::pausing) {
    send();
  } else {
    look();
  }
  return caf::delegated<unit_value>{};
}

void span_exporter_state::report() {
  counts_.overflowed = options_.spans->take_overflowed();
  if (counts_ != span_report{}) {
    self_->send(options_.metrics, std::exchange(counts_, {}));
  }
}

span_exporter_impl::behavior_type span_exporter_state::make_behavior(span_exporter_options options
) {
  install_supervision(self_);
  options_ = std::move(options);
  const auto weak = caf::actor_cast<caf::weak_actor_ptr>(self_);
  options_.spans->on_full_batch([weak] {
    if (const auto strong = weak.lock()) {
      caf::anon_send(caf::actor_cast<span_exporter_impl>(strong), look_atom_v);
    }
  });
  self_->delayed_send(self_, options_.interval, poll_atom_v);
  using self = span_exporter_state;
  return {
      handle<flush_atom>(*this, &self::flush),
      handle<poll_atom>(*this, &self::poll),
      handle<look_atom>(*this, &self::look),
      handle<resend_atom>(*this, &self::send_again),
      handle<http_done_atom>(*this, &self::on_outcome),
  };
}

span_exporter_impl::behavior_type span_exporter(
    span_exporter_state::pointer self, span_exporter_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
