// SPDX-License-Identifier: MIT
#include "adapters/event_feed/event_ring.hpp"

#include "messages/jobs/suspect.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace stayler::adapters {

namespace {

/// Events that one page takes, and that it looks at: the ring is locked meanwhile.
constexpr std::size_t events_per_page = 64;
constexpr std::size_t looks_per_page = 2'048;

/// Reads a number and the separator behind it, if there is to be one.
template <class Number>
bool take_number(std::string_view& text, Number& into, bool is_last) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (error != std::errc{}) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (is_last) {
    return text.empty();
  }
  const bool has_separator = text.starts_with('-');
  text.remove_prefix(has_separator ? 1 : 0);
  return has_separator;
}

/// How far a job is within its attempts: a lease, its stages, its end.
auto rank_of(const feed_event& event) noexcept {
  const bool is_over = event.status != job_status::processing;
  return std::tuple{
      event.attempt, is_over, is_over ? job_stage::queued : event.progress.stage,
      is_over ? 0U : event.progress.percent};
}

template <class T>
bool is_among(const std::vector<T>& wanted, T value) noexcept {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

}  // namespace

std::string to_string(const feed_place& place) {
  return fmt::format("{}-{}-{}", place.time, place.number, place.index);
}

std::optional<feed_place> parse_feed_place(std::string_view text) {
  feed_place place;
  const bool is_read = take_number(text, place.time, false)
                       && take_number(text, place.number, false)
                       && take_number(text, place.index, true);
  return is_read ? std::optional{place} : std::nullopt;
}

feed_event make_feed_event(const job& about) {
  feed_event event;
  event.job = about.id;
  event.type = about.request.type;
  event.user_id = about.request.user_id;
  event.status = about.status;
  event.attempt = about.token;
  event.progress = about.progress;
  event.at = about.updated_at;
  event.is_suspect = is_suspect(about);
  if (about.status == job_status::completed) {
    event.image_id = about.result.image_id;
  } else if (about.status != job_status::processing) {
    event.error = about.error.kind;
  }
  return event;
}

feed_event make_pause_event(feed_subject subject, const type_pause& about, timestamp now) {
  feed_event event;
  event.type = about.type;
  event.at = now;
  event.subject = subject;
  event.pause = about;
  return event;
}

bool is_behind(const feed_event& event, const feed_event& known) noexcept {
  const auto rank = rank_of(event);
  const auto known_rank = rank_of(known);
  return rank < known_rank || (rank == known_rank && event.status == known.status);
}

bool matches(const feed_event& event, const feed_filter& filter) noexcept {
  return (filter.job.value.is_nil() || filter.job == event.job)
         && (filter.user_id.empty() || filter.user_id == event.user_id)
         && (event.subject == feed_subject::job || filter.statuses.empty())
         && is_among(filter.statuses, event.status) && is_among(filter.types, event.type);
}

void event_ring::add(std::vector<placed_event> events) {
  for (placed_event& each : events) {
    if (!events_.empty() && each.place <= events_.back().place) {
      continue;
    }
    newest_ = std::max(newest_, each.place);
    events_.push_back(std::move(each));
  }
  while (events_.size() > capacity_) {
    oldest_ = events_.front().place;
    events_.pop_front();
  }
}

void event_ring::forget_before(const feed_place& place) {
  events_.clear();
  oldest_ = place;
  newest_ = std::max(newest_, place);
}

feed_page event_ring::after(const feed_place& place, const feed_filter& filter) const {
  feed_page page;
  page.has_gap = place < oldest_;
  page.next = std::max(place, oldest_);
  auto at = std::upper_bound(
      events_.begin(), events_.end(), page.next,
      [](const feed_place& wanted, const placed_event& each) { return wanted < each.place; }
  );
  for (std::size_t looks = 0; at != events_.end(); ++at, ++looks) {
    if (looks == looks_per_page || page.events.size() == events_per_page) {
      page.has_more = true;
      break;
    }
    if (matches(at->what, filter)) {
      page.events.push_back(*at);
    }
    page.next = at->place;
  }
  return page;
}

}  // namespace stayler::adapters
