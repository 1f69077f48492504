// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/event_feed/event_feed.hpp"
#include "http/api/access/key_validity.hpp"
#include "http/api/overview/overview_board.hpp"
#include "http/server/message.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stayler::http {

/// What a follower has seen last, as Last-Event-ID says it.
struct seen_event {
  adapters::feed_place place;
  bool was_last = false;  ///< of the job: there is nothing to follow any more
};

/// Nothing where the text is no id of ours.
std::optional<seen_event> parse_event_id(std::string_view text);

/// A job as it is now, as the event `snapshot`; the id is that of the place from which to go on.
/// `service`: how it stands, null where that is not known.
std::string render_snapshot(
    const job& about,
    const adapters::feed_place& place,
    const policies::service_snapshot* service = nullptr
);

/// One event: `status`, or `progress` where the job is being worked on; `pause` or `resume` where
/// it is about a type.
std::string render_event(const adapters::placed_event& event);

struct event_stream_options {
  std::shared_ptr<adapters::event_feed> feed;
  adapters::feed_filter filter;
  adapters::feed_place after;
  std::string first;  ///< sent before all events
  std::string last;   ///< set: sent when there is no further event, and ends the stream
  /// How the one job that is followed stood in `first`: what is not newer is left out.
  std::optional<adapters::feed_event> known;
  milliseconds heartbeat{15'000};
  std::shared_ptr<void> ticket;              ///< held as long as the stream lives
  std::shared_ptr<key_validity> validity;    ///< of the follower's key; null where there is none
  std::shared_ptr<overview_board> overview;  ///< set: its ticks are sent as well
};

/// Events in the form of text/event-stream. Where one job is followed the stream ends with that
/// job's final event; it ends too where events are missing, and the follower comes back for a new
/// snapshot, and, whatever is followed, when the follower's key is revoked. A stream of many jobs
/// says so in an event `gap`, and goes on.
std::shared_ptr<body_stream> make_event_stream(event_stream_options options);

}  // namespace stayler::http
