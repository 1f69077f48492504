// SPDX-License-Identifier: MIT

// /worker/jobs/{id}/events and /worker/events

#include "http/api/event_stream.hpp"
#include "http/api/json/jobs/job_query.hpp"
#include "http/api/links/stream_tickets.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/user_scope.hpp"

namespace stayler::http {

namespace {

using tickets_ptr = std::shared_ptr<stream_tickets>;

void start_stream(
    const exchange_ptr& exchange, const tickets_ptr& tickets, event_stream_options options
) {
  auto ticket = tickets->take(exchange->caller.key);
  if (!ticket) {
    exchange->send(refusal_answer(ticket.error()));
    return;
  }
  options.ticket = *std::move(ticket);
  options.validity = exchange->caller.validity;
  response answer;
  answer.headers = {
      {"Content-Type", "text/event-stream"},
      {"Cache-Control", "no-store"},
      // nginx would keep events until its buffer is full.
      {"X-Accel-Buffering", "no"}};
  answer.stream = make_event_stream(std::move(options));
  exchange->send(std::move(answer));
}

std::optional<seen_event> seen_by(const exchange_ptr& exchange) {
  return parse_event_id(exchange->request.header("last-event-id").value_or(""));
}

/// What a follower is to get who knows the job from a snapshot, or, where the feed reaches back so
/// far, from an earlier stream.
event_stream_options follow(
    const context_ptr& api,
    const job& about,
    const adapters::feed_place& now,
    const std::optional<seen_event>& seen
) {
  event_stream_options options;
  options.feed = api->options.events;
  options.heartbeat = api->options.event_heartbeat;
  options.filter.job = about.id;
  const bool goes_on = seen && options.feed->reaches_back_to(seen->place);
  options.after = goes_on ? seen->place : now;
  const std::string snapshot = render_snapshot(about, now, api->overview->latest().get());
  if (is_final(about.status)) {
    // Nothing more will come than what the feed has.
    options.last = snapshot;
  } else if (!goes_on) {
    options.first = snapshot;
    options.known = adapters::make_feed_event(about);
  }
  return options;
}

void follow_job(const context_ptr& api, const tickets_ptr& tickets, const exchange_ptr& exchange) {
  const auto id = parse_job_id(exchange->id);
  if (!id) {
    exchange->send(no_such_answer("job"));
    return;
  }
  // Before the job is read, so that nothing happens unseen in between.
  const auto now = api->options.events->newest();
  const auto on_answer = [api, tickets, exchange, now](const result<job>& found) {
    const auto seen = seen_by(exchange);
    if (!found) {
      exchange->send(failure_answer(found.error()));
    } else if (seen && seen->was_last && is_final(found->status)) {
      response nothing_more;
      nothing_more.status = 204;
      exchange->send(std::move(nothing_more));
    } else {
      start_stream(exchange, tickets, follow(api, show_to(exchange->caller, *found), now, seen));
    }
  };
  api->actors.ask<job>(&actors::directory::queue, on_answer, find_atom_v, *id);
}

void follow_all(const context_ptr& api, const tickets_ptr& tickets, const exchange_ptr& exchange) {
  auto query = parse_job_query(exchange->request);
  if (!query.problems.empty()) {
    exchange->send(invalid_answer(query.problems));
    return;
  }
  event_stream_options options;
  options.feed = api->options.events;
  options.heartbeat = api->options.event_heartbeat;
  options.filter.statuses = std::move(query.filter.statuses);
  options.filter.types = std::move(query.filter.types);
  options.filter.user_id = std::move(query.filter.user_id);
  if (exchange->request.parameter("overview").value_or("") == "true") {
    options.overview = api->overview;
  }
  const auto seen = seen_by(exchange);
  options.after = seen ? seen->place : options.feed->newest();
  if (seen && !options.feed->reaches_back_to(seen->place)) {
    // A place of another feed, or of long ago: the stream begins with a gap.
    options.after = {};
  } else {
    options.first = "id: " + to_string(options.after) + "\n\n";
  }
  start_stream(exchange, tickets, std::move(options));
}

}  // namespace

void add_event_routes(router& routes, const context_ptr& api) {
  const auto& options = api->options;
  const auto tickets = options.event_streams
                           ? options.event_streams
                           : std::make_shared<stream_tickets>(
                               options.max_event_streams, options.max_event_streams_per_key
                           );
  routes.add("GET", "/worker/jobs/{id}/events", [api, tickets](const exchange_ptr& exchange) {
    follow_job(api, tickets, exchange);
  });
  routes.add("GET", "/worker/events", [api, tickets](const exchange_ptr& exchange) {
    follow_all(api, tickets, exchange);
  });
}

}  // namespace stayler::http
