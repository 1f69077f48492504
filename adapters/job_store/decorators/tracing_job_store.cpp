// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/tracing_job_store.hpp"

#include "adapters/job_store/decorators/forwarding_job_store.hpp"
#include "adapters/tracing/span_names.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

std::string_view outcome_of(store_op::end_of_lease cause) {
  using store_op::end_of_lease;
  switch (cause) {
    case end_of_lease::failed:
      return "failed";
    case end_of_lease::refunded:
      return "refunded";
    case end_of_lease::interrupted:
      return "interrupted";
    case end_of_lease::crashed:
      return "crashed";
  }
  return "";
}

/// Makes spans of changes that took effect.
class job_spans {
 public:
  explicit job_spans(span_buffer& spans) : spans_(spans) {}

  void add(const store_op::claim& /*change*/, const store_reply& reply) {
    for (const job& leased : reply.jobs) {
      add_wait(leased);
    }
  }
  void add(const store_op::complete& /*change*/, const store_reply& reply) {
    add_attempts(reply, "completed");
  }
  void add(const store_op::requeue& change, const store_reply& reply) {
    add_attempts(reply, outcome_of(change.cause));
  }
  void add(const store_op::fail& change, const store_reply& reply) {
    add_attempts(reply, outcome_of(change.cause));
  }
  void add(const store_op::cancel& /*change*/, const store_reply& reply) {
    add_attempts(reply, "cancelled");
  }
  void add(const store_op::reclaim& /*change*/, const store_reply& reply) {
    add_attempts(reply, outcome_of(store_op::end_of_lease::interrupted));
  }
  /// What begins and ends nothing.
  template <one_of<
      store_op::enqueue,
      store_op::renew,
      store_op::update_progress,
      store_op::open_call,
      store_op::settle_call,
      store_op::prioritize,
      store_op::make_available,
      store_op::retry,
      store_op::drop,
      store_op::erase,
      store_op::pause,
      store_op::resume,
      store_op::find_expired,
      store_op::purge,
      store_op::verify_indexes> Change>
  void add(const Change& /*change*/, const store_reply& /*reply*/) {}

 private:
  static bool is_recorded(const job& about) {
    return about.request.trace.is_set() && about.request.trace.is_sampled
           && !about.attempts.empty();
  }

  static span begin(const job& about, std::string_view name, span_kind kind) {
    span made = begin_span(about.request.trace, name, kind);
    made.set(attributes::message_id, to_string(about.id))
        .set(attributes::job_type, to_string(about.request.type))
        .set(attributes::attempt, static_cast<std::uint64_t>(about.token));
    return made;
  }

  void add_wait(const job& leased) {
    if (!is_recorded(leased)) {
      return;
    }
    timestamp since = std::max(leased.created_at, leased.request.run_at);
    if (leased.attempts.size() > 1) {
      since = std::max(since, std::prev(leased.attempts.end(), 2)->ended_at);
    }
    span wait = begin(leased, span_names::wait, span_kind::internal);
    wait.began = std::min(since, leased.started_at);
    wait.ended = leased.started_at;
    spans_.add(std::move(wait));
  }

  void add_attempts(const store_reply& reply, std::string_view outcome) {
    for (const job& after : reply.jobs) {
      // What was cancelled may have waited: then its last attempt has ended before.
      if (is_recorded(after) && after.attempts.back().ended_at == after.updated_at) {
        add_attempt(after, outcome);
      }
    }
  }

  void add_attempt(const job& after, std::string_view outcome) {
    const attempt_record& ended = after.attempts.back();
    span attempt = begin(after, span_names::process, span_kind::consumer);
    attempt.place.span_id = span_id_of({after.id, ended.token});
    attempt.ended = attempt.began;  // now: what was recorded on the way has finer times
    attempt.began = ended.started_at;
    attempt.set(attributes::messaging_system, "stayler")
        .set(attributes::messaging_operation, "process")
        .set(attributes::messaging_operation_type, "process")
        .set(attributes::worker, ended.worker_id)
        .set(attributes::outcome, outcome);
    if (ended.error) {
      attempt.error = to_string(ended.error.kind);
    }
    spans_.add(std::move(attempt));
  }

  span_buffer& spans_;
};

template <class Spans>
concept traces_unknown_operations = requires(Spans spans, const store_reply& reply) {
  spans.add(unknown_operation{}, reply);
};
static_assert(!traces_unknown_operations<job_spans>);

class tracing_job_store final : public forwarding_job_store {
 public:
  tracing_job_store(std::unique_ptr<job_store> inner, span_buffer_ptr spans)
      : forwarding_job_store(std::move(inner)), spans_(std::move(spans)) {}

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    store_outcome outcome = forwarding_job_store::execute(batch, now);
    job_spans made{*spans_};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const store_reply& reply = outcome.replies[i];
      if (!reply.error) {
        std::visit([&](const auto& change) { made.add(change, reply); }, batch[i]);
      }
    }
    return outcome;
  }

 private:
  span_buffer_ptr spans_;
};

}  // namespace

std::unique_ptr<job_store> make_tracing_job_store(
    std::unique_ptr<job_store> inner, span_buffer_ptr spans
) {
  return std::make_unique<tracing_job_store>(std::move(inner), std::move(spans));
}

}  // namespace stayler::adapters
