// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_transitions.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace stayler::adapters {

/// A waiting job gains one level of priority per this time.
inline constexpr milliseconds ageing_step{5 * 60'000};

/// The band of the jobs that go ahead of all others: nine years ahead.
inline constexpr std::uint32_t prioritized_band = 1'000'000;

/// The band in which a job waits: its priority, or prioritized_band.
std::uint32_t priority_band_of(const stored_job& stored) noexcept;

/// The same for a pending job, 0 for others.
std::uint32_t waiting_band(const stored_job& stored) noexcept;

/// Whether a claim by that rule leaves such jobs out.
constexpr bool leaves_out(store_op::suspect_rule rule, bool is_suspect) noexcept {
  return rule == (is_suspect ? store_op::suspect_rule::left_out : store_op::suspect_rule::only);
}

/// What flows are ordered by, in milliseconds since the epoch: the lowest is served first.
std::int64_t rank_of(std::uint32_t band, timestamp since) noexcept;

/// Decides whose job is next. The waiting jobs of one user and type in one priority band are a
/// flow; this class orders the flows, the store orders the jobs of a flow by age. Flows of a paused
/// type keep their rank and are passed over. Suspects have flows of their own, since they are given
/// out apart from other jobs.
///
/// The flow with the lowest `since - band * ageing_step` is next, where `since` is when the flow
/// began to wait: when its first job came or, if that is later, when it was last served. This one
/// number gives
/// - priority: of two flows that began to wait together the one in the higher band is first;
/// - ageing: a flow passes another by one band for each step that it has waited longer. A limit on
///   the level gained would change nothing but the order among those that reached it;
/// - fairness: once served, a flow begins to wait anew, behind all others of its band. That is
///   deficit round robin where each job costs the same, and a user's 10,000 jobs delay another
///   user's one by one turn.
/// No flow starves: its rank stands still, while a flow that is added or served gets one of at
/// least now - 20 steps; so at most 100 minutes later nothing new gets ahead of it, and the flows
/// ahead are served once each. No job starves, as only older ones of its own flow precede it.
class fair_queue {
 public:
  struct flow {
    std::uint32_t band = 0;
    job_type type = job_type::image_conversion;
    std::string user;
    bool is_suspect = false;

    friend auto operator<=>(const flow&, const flow&) = default;
  };

  /// Which flows a claim looks at.
  struct selection {
    std::span<const job_type> except{};  ///< types that are left out as if they were paused
    store_op::suspect_rule suspects = store_op::suspect_rule::as_others;
  };

  /// A flow has got its first job. Does nothing where the flow is there already.
  void add_flow(const flow& added, timestamp since);

  /// The flow of these to be served next; null where none waits. Valid until the flow is removed.
  [[nodiscard]] const flow* next(const selection& of) const noexcept;
  [[nodiscard]] const flow* next() const noexcept { return next(selection{}); }

  /// A flow was served and still has jobs.
  void requeue_flow(const flow& served, timestamp now);

  /// A flow has no more jobs. Does nothing where it is not there.
  void remove_flow(const flow& empty);

  /// Removes all flows; paused types stay paused.
  void clear() noexcept;

  void set_paused(job_type type, bool is_paused);
  [[nodiscard]] const std::set<job_type>& paused() const noexcept { return paused_; }

 private:
  /// The rank, then the order of arrival, for flows of the same rank.
  using position = std::pair<std::int64_t, std::uint64_t>;

  /// The flows that are given out, or held back, together: of a type, suspects or not.
  using lane = std::pair<job_type, bool>;

  static lane lane_of(const flow& of) noexcept { return {of.type, of.is_suspect}; }
  [[nodiscard]] bool is_open(const lane& asked, const selection& of) const noexcept;
  position last_position(const flow& waiting, timestamp since) noexcept;

  std::map<flow, position> flows_;
  std::map<lane, std::map<position, const flow*>> orders_;
  std::set<job_type> paused_;
  std::uint64_t arrivals_ = 0;
};

}  // namespace stayler::adapters
