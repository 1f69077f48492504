// SPDX-License-Identifier: MIT
#pragma once

#include "actors/worker/attempt.hpp"
#include "actors/worker/worker_options.hpp"

#include <optional>
#include <string_view>

namespace stayler::actors {

/// The worker's own timers, beside its public interface.
using worker_impl = worker_actor::extend<
    /// Time to renew the lease of that attempt.
    caf::reacts_to<renew_lease_atom, attempt_id>,
    /// That attempt has had its job's timeout.
    caf::reacts_to<job_timeout_atom, attempt_id>,
    /// Time to report that attempt's outcome again.
    caf::reacts_to<report_again_atom, attempt_id>,
    /// Time to take that attempt's step again, which was refused by a store that was away.
    caf::reacts_to<retry_step_atom, attempt_id>>;

/// What the parts of a worker share: the actor, whom it asks, and the attempt that it works on.
struct worker_context {
  /// True while the worker has this attempt, be it that only the report is left to be made.
  [[nodiscard]] bool is_current(const attempt_id& id) const;

  /// True while this attempt is being worked on. Answers that come later are dropped.
  [[nodiscard]] bool is_running(const attempt_id& id) const;

  /// Until the current attempt's deadline, and never zero: CAF takes that for "no timeout".
  [[nodiscard]] milliseconds time_left() const;

  /// The current attempt goes on to another stage, or (`queued`) leaves the one that it is in. The
  /// metrics learn how long the one before took.
  void change_stage(job_stage next);

  /// The current attempt takes a step, which is recorded under that name; empty: it is not.
  void begin_step(std::string_view name);

  /// The step is done, or has failed.
  void end_step(error_class error = error_class::none);

  worker_impl::pointer self = nullptr;
  worker_options options;
  std::optional<attempt> current;  ///< none while the worker is idle
};

}  // namespace stayler::actors
