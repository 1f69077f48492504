// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/provider/spending.hpp"
#include "policies/provider/model_pool.hpp"

#include <caf/actor_addr.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::actors {

/// The right to make one call to the provider, until it is settled.
struct permit {
  policies::model_pool::admitted_call call;
  std::string user_id;
  micro_dollars most = 0;  ///< what the call may cost
  policies::model_pool::clock_time ends_at;
  caf::actor_addr holder;
};

/// The permits that are out, by the attempt that has one. A permit that ended otherwise than by
/// being settled is revoked: what it may have cost is accounted, and a settlement that comes after
/// all must not be accounted again.
class permit_table {
 public:
  using clock_time = policies::model_pool::clock_time;
  using entry = std::pair<attempt_id, permit>;

  void add(const attempt_id& attempt, permit given);

  /// The attempt's permit, which ends; nothing where it has none.
  std::optional<permit> take(const attempt_id& attempt);

  /// The permits of that holder, and those that are past their end; they end.
  std::vector<entry> take_of(const caf::actor_addr& holder);
  std::vector<entry> take_overdue(clock_time now);

  /// The attempt's permit was revoked; this is remembered until then.
  void remember_revoked(const attempt_id& attempt, clock_time until) { revoked_[attempt] = until; }

  /// True, once, where the attempt's permit was revoked.
  bool forget_revoked(const attempt_id& attempt) { return revoked_.erase(attempt) > 0; }

  /// Forgets what was to be remembered until `now`.
  void forget_old(clock_time now);

  /// Nothing is out, and nothing has to be remembered.
  [[nodiscard]] bool is_empty() const noexcept { return permits_.empty() && revoked_.empty(); }

 private:
  template <class Predicate>
  std::vector<entry> take_if(Predicate is_wanted);

  std::map<attempt_id, permit> permits_;
  std::map<attempt_id, clock_time> revoked_;
};

}  // namespace stayler::actors
