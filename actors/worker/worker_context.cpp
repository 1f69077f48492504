// SPDX-License-Identifier: MIT
#include "actors/worker/worker_context.hpp"

#include <algorithm>

namespace stayler::actors {

worker_peers peers_from(const directory& parts) {
  return {
      .queue = parts.queue,
      .records = parts.records,
      .notifier = parts.notifier,
      .library = parts.library,
      .images = parts.images,
      .gemini = parts.gemini,
      .cache = parts.cache,
      .metrics = parts.metrics,
  };
}

bool worker_context::is_current(const attempt_id& id) const {
  return current && current->id() == id;
}

bool worker_context::is_running(const attempt_id& id) const {
  return is_current(id) && !current->has_ended();
}

milliseconds worker_context::time_left() const {
  return std::max(milliseconds{1}, current->deadline - options.clock->now());
}

void worker_context::begin_step(std::string_view name) {
  if (!name.empty()) {
    current->step =
        adapters::start_span(options.spans, current->trace(), name, adapters::span_kind::internal);
  }
}

void worker_context::end_step(error_class error) {
  adapters::end_span(options.spans, current->step, current->step_parts, error);
}

void worker_context::change_stage(job_stage next) {
  if (const auto left = current->change_stage(next, self->clock().now())) {
    self->send(options.peers.metrics, *left);
  }
}

}  // namespace stayler::actors
