// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_transitions.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace stayler::adapters {

/// A waiting job gains one level of priority per this time.
inline constexpr milliseconds ageing_step{5 * 60'000};

/// The lane of promoted jobs: nine years ahead of all others.
inline constexpr std::uint32_t promoted_lane = 1'000'000;

/// The lane in which a job waits: its priority, or promoted_lane.
std::uint32_t lane_of(const stored_job& stored) noexcept;

/// Since the epoch, in milliseconds: the lower, the earlier a line has its turn.
std::int64_t position_in_turn(std::uint32_t lane, timestamp since) noexcept;

/// Decides whose job is next. Jobs wait in lines, one for each user and type in each lane; this
/// class orders the lines, the store orders the jobs of a line by age. Lines of a paused type keep
/// their place and are passed over.
///
/// The line with the lowest `since - lane * ageing_step` is next, where `since` is when the line
/// began to wait: when its first job came or, if that is later, when it had its last turn. This one
/// number gives
/// - priority: of two lines that began to wait together the one in the higher lane is first;
/// - ageing: a line passes another by one lane for each step that it has waited longer. A limit on
///   the level gained would change nothing but the order among those that reached it;
/// - turns: after its turn a line begins to wait anew, behind all others of its lane. That is
///   deficit round robin where each job costs the same, and a user's 10,000 jobs delay another
///   user's one by one turn.
/// No line starves: its number stands still, while a line that joins or has had its turn gets one
/// of at least now - 20 steps; so at most 100 minutes later nothing new gets ahead of it, and the
/// lines ahead have one turn each. No job starves, as only older ones of its own line precede it.
class turn_order {
 public:
  struct line {
    std::uint32_t lane = 0;
    job_type type = job_type::image_conversion;
    std::string user;

    friend auto operator<=>(const line&, const line&) = default;
  };

  /// A line has got its first job. Does nothing where the line is there already.
  void join(const line& who, timestamp since);

  /// The line whose turn it is, of those types left out as if they were paused; null where none
  /// waits. Valid until the line leaves.
  [[nodiscard]] const line* next(std::span<const job_type> except = {}) const noexcept;

  /// A line has had its turn and still has jobs.
  void yield(const line& who, timestamp now);

  /// A line has no more jobs.
  void leave(const line& who);

  void clear() noexcept;

  void set_paused(job_type type, bool is_paused);
  [[nodiscard]] const std::set<job_type>& paused() const noexcept { return paused_; }

 private:
  /// The number to order by; then the order of joining, for lines that have the same.
  using position = std::pair<std::int64_t, std::uint64_t>;

  position position_at_end(const line& who, timestamp since) noexcept;

  std::map<line, position> lines_;
  std::map<job_type, std::map<position, const line*>> orders_;
  std::set<job_type> paused_;
  std::uint64_t joined_ = 0;
};

}  // namespace stayler::adapters
