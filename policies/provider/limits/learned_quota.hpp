// SPDX-License-Identifier: MIT
#pragma once

// Keeps within a provider's requests per minute, which nobody has told us: the first 429 says that
// as many calls as were accepted in the last minute are all that there is. From there on the bucket
// admits that many in any sixty seconds, and now and then one or two more, to find out whether the
// quota has grown; failed probes become rare.
//
// A provider may fill a bucket at a steady rate instead of counting the last minute's calls. It
// gives that away by a 429 that asks to wait for less than any call of the last minute needs to
// leave it. What is learned then is the rate: the calls that were taken between two times at which
// the bucket was empty.
//
// Once more is asked for than the quota allows, calls are spread evenly over the minute. Sent as
// they come, a minute's worth would go out in the first seconds, each time: a machine that is busy
// just then, or a refusal that closes the bucket there, would cost a part of the quota that the
// idle rest of the minute cannot make good. Spread out, there is room to catch up.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace stayler::policies {

class learned_quota {
 public:
  using clock_time = std::chrono::steady_clock::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// `per_minute`: what is known beforehand, and then not doubted; 0: nothing.
  explicit learned_quota(std::uint32_t per_minute = 0) : configured_(per_minute) {}

  /// When the next call may be sent: `now`, or later.
  [[nodiscard]] clock_time opens_at(clock_time now) const;

  /// The same, but for the pauses between calls that are spread: `now` where they go on, be it
  /// slowly, and else when they do.
  [[nodiscard]] clock_time closed_until(clock_time now) const;

  /// A call is sent.
  void sent(clock_time now);

  /// A call was taken, whatever became of it otherwise.
  void accepted() { bare_refusals_ = 0; }

  /// The call that was sent then was refused with a 429 that asks to wait so long; 0: it names no
  /// time, and says less about a quota than about a moment.
  void refused(clock_time sent_at, milliseconds retry_after, clock_time now);

  /// Nothing is to be sent before that time (a quota of the day, a key that is not accepted).
  void close_until(clock_time when);

  /// Calls of the last minute, for choosing the bucket that has been used least.
  [[nodiscard]] std::uint32_t recent(clock_time now) const;

  /// The limit in force, of all who share the quota; 0: none is known.
  [[nodiscard]] std::uint32_t per_minute() const;

  /// This bucket's part of it.
  [[nodiscard]] std::uint32_t share_in_force() const;

  void configure(std::uint32_t per_minute) { configured_ = per_minute; }

  /// Begins with what was learned before a restart. The calls that were sent then are in the
  /// provider's minute yet, so that calls are spread from the first on.
  void begin(std::uint32_t per_minute, clock_time now);

  /// What others who use the same quota have found of it.
  struct knowledge {
    std::uint32_t per_minute = 0;  ///< 0: nothing
    std::uint64_t evidence = 0;    ///< refusals that it was learnt from, by whomever
  };
  [[nodiscard]] knowledge learned() const { return {learned_, evidence_}; }

  /// Of two the one that was learnt from more refusals counts; else the higher one.
  void merge(const knowledge& other, clock_time now);

  /// What the others use of the quota.
  struct sharing {
    std::uint32_t others_recent = 0;  ///< their calls of the last minute
    std::uint32_t share = 0;          ///< of this bucket, in calls a minute
    bool may_probe = true;            ///< one at a time does
    clock_time closed_until{};        ///< one of them was told to wait until then
    std::uint32_t rank = 0;           ///< of this bucket: after a pause they begin in turn
  };
  /// Keeps to a share of the quota from now on; nothing: there are no others.
  void share(const std::optional<sharing>& how, clock_time now);

  /// When the last refusal of a call of its own asked to come again.
  [[nodiscard]] clock_time refused_until() const { return refused_until_; }

 private:
  void forget_old(clock_time now);
  [[nodiscard]] clock_time window_opens_at(clock_time now) const;
  [[nodiscard]] std::uint32_t recent_of_all(clock_time now) const;
  void spread(clock_time now);
  void probe(clock_time now);
  void learn(milliseconds retry_after, clock_time now);
  [[nodiscard]] bool is_rate(milliseconds retry_after, clock_time now) const;
  void learn_rate(clock_time now);
  [[nodiscard]] clock_time::duration turn() const;
  void end_probes(clock_time now);

  std::uint32_t configured_;
  std::uint32_t learned_ = 0;  ///< of all who share the quota; 0: nothing yet
  std::uint64_t evidence_ = 0;
  std::optional<sharing> sharing_;
  clock_time refused_until_{};
  std::uint32_t failed_probes_ = 0;
  std::uint32_t good_probes_ = 0;
  std::uint32_t bare_refusals_ = 0;  ///< in a row, that named no time
  clock_time changed_at_{};
  clock_time learned_at_{};
  clock_time busy_since_{};             ///< the first call after a minute without any, of anybody
  clock_time emptied_at_{};             ///< when a quota that is a rate had last been used up
  std::uint32_t taken_when_empty_ = 0;  ///< calls of all in the minute before
  clock_time closed_until_{};
  std::deque<clock_time> sent_;     ///< of the last minute, refused ones left out
  std::optional<clock_time> next_;  ///< set while calls are spread: when the next one is due
};

}  // namespace stayler::policies
