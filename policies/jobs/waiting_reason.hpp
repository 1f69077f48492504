// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/jobs/type_pause.hpp"
#include "policies/overview/service_snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace stayler::policies {

/// Why a job that waits does so.
enum class waiting_reason : std::uint8_t {
  stopped,          ///< the service gives out no jobs
  paused,           ///< none of its type
  budget,           ///< that of the day is spent
  user_budget,      ///< that of its user is spent
  quota,            ///< the provider's is
  backoff,          ///< the pause after a failure
  due_later,        ///< it was handed in for later
  provider_closed,  ///< calls to the provider fail: its circuit breaker is open
  no_worker,        ///< there is none
  suspect_alone,    ///< it may have killed its workers, and waits for a process of its own
  behind,           ///< others are before it
  dispatching,      ///< nothing stands in its way
};

std::string_view to_string(waiting_reason reason) noexcept;

/// Why a job waits, and for how long, as far as that can be said.
struct waiting_account {
  waiting_reason reason = waiting_reason::dispatching;
  timestamp until{};  ///< what stands in its way ends then; not set where that is not known
  /// So many waiting jobs may go first, and no more. Which of them do depends on the turns of users
  /// that come meanwhile.
  std::optional<std::uint64_t> ahead_at_most{};
  std::optional<type_pause> pause{};  ///< of its type
  /// Between these it starts, if all goes on as in the last minutes; not set where nothing honest
  /// can be said.
  timestamp starts_from{};
  timestamp starts_by{};
};

/// No further call fits into the budget of the day.
bool is_day_spent(const spending_report& costs) noexcept;

/// Nothing where the job does not wait, or the snapshot has not the queue.
std::optional<waiting_account> explain_waiting(const job& about, const service_snapshot& service);

}  // namespace stayler::policies
