// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"
#include "messages/jobs/type_pause.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Where an event stands in a feed: each is behind the one before it.
struct feed_place {
  std::uint64_t time = 0;
  std::uint64_t number = 0;
  std::uint32_t index = 0;  ///< among those that were added together

  friend auto operator<=>(const feed_place&, const feed_place&) = default;
};

/// "time-number-index", the id of an event.
std::string to_string(const feed_place& place);
std::optional<feed_place> parse_feed_place(std::string_view text);

/// What an event is about: a job, or all jobs of a type.
enum class feed_subject : std::uint8_t { job, pause, resume };

/// How a job stands since something happened to it; or that a type is paused, or goes on.
struct feed_event {
  job_id job;  ///< nil where it is not about a job
  job_type type = job_type::image_conversion;
  std::string user_id;
  job_status status = job_status::pending;
  fencing_token attempt{};
  job_progress progress;
  error_class error = error_class::none;  ///< of the last failed attempt
  std::string image_id;                   ///< the result of a completed job
  timestamp at;
  bool is_suspect = false;  ///< it has lost its workers, and runs alone
  feed_subject subject = feed_subject::job;
  type_pause pause{};  ///< of a resume its type, and by whom; empty: it has come to its end

  friend bool operator==(const feed_event&, const feed_event&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, feed_event& x) {
  return f(
      x.job, x.type, x.user_id, x.status, x.attempt, x.progress, x.error, x.image_id, x.at,
      x.is_suspect, x.subject, x.pause
  );
}

/// The job as an event.
feed_event make_feed_event(const job& about);

/// That a type is paused, or goes on.
feed_event make_pause_event(feed_subject subject, const type_pause& about, timestamp now);

/// True where `known` is as new as the event, or newer: events that several coordinators tell of
/// one job can come out of order, and a snapshot may be ahead of them. Both are about one job.
bool is_behind(const feed_event& event, const feed_event& known) noexcept;

struct placed_event {
  feed_place place;
  feed_event what;
};

/// Which events are wanted; empty fields do not filter. What is not about a job is nothing for
/// those who ask for a job, for states or for a user.
struct feed_filter {
  job_id job;
  std::vector<job_status> statuses;
  std::vector<job_type> types;
  std::string user_id;
};

bool matches(const feed_event& event, const feed_filter& filter) noexcept;

/// What a reader gets at a time.
struct feed_page {
  std::vector<placed_event> events;
  feed_place next;        ///< to go on from
  bool has_more = false;  ///< there is more already
  bool has_gap = false;   ///< some that came before these are not kept any more
};

/// The latest events, a bounded number of them. One thread at a time.
class event_ring {
 public:
  explicit event_ring(std::size_t capacity) : capacity_(capacity) {}

  /// Adds events, in their order. One that is not behind all others is left out.
  void add(std::vector<placed_event> events);

  /// Nothing is known of what came before that place: whoever has not read so far has a gap.
  void forget_before(const feed_place& place);

  /// There are events up to that place, though they have not been added yet.
  void expect(const feed_place& place) { newest_ = std::max(newest_, place); }

  [[nodiscard]] const feed_place& newest() const noexcept { return newest_; }
  /// Every event behind this place is kept.
  [[nodiscard]] const feed_place& oldest() const noexcept { return oldest_; }

  /// The next that are wanted, of a bounded number that are looked at.
  [[nodiscard]] feed_page after(const feed_place& place, const feed_filter& filter) const;

 private:
  std::size_t capacity_;
  std::deque<placed_event> events_;
  feed_place newest_;
  feed_place oldest_;
};

}  // namespace stayler::adapters
