// SPDX-License-Identifier: MIT
#include "app/cli/client/event_follower.hpp"

#include "app/cli/client/interruption.hpp"

#include <algorithm>

namespace stayler::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_pause{200};
constexpr milliseconds longest_reconnect_pause{5'000};

/// Where the following is.
struct followed_stream {
  std::string last_id;
  bool is_enough = false;
  bool is_open = false;   ///< this connection has brought something
  bool was_open = false;  ///< one of them has
  steady_clock::time_point lost_at;
  milliseconds pause = first_pause;
};

/// Reads one connection to its end; true where no other is needed.
bool read_stream(api_client& api, const follow_options& options, followed_stream& state) {
  event_parser parser;
  api_request request{.path = options.path};
  if (!state.last_id.empty()) {
    request.headers.emplace_back("Last-Event-ID", state.last_id);
  }
  state.is_open = false;
  request.on_data = [&](std::string_view bytes) {
    if (!state.is_open && options.on_open) {
      options.on_open();
    }
    state.is_open = state.was_open = true;
    return parser.feed(bytes, [&](const stream_event& event) {
      state.last_id = event.id.empty() ? state.last_id : event.id;
      state.is_enough = !options.on_event(event);
      return !state.is_enough;
    });
  };
  request.goes_on = [&] {
    state.is_enough = state.is_enough || !options.goes_on();
    return !state.is_enough;
  };
  const auto answer = api.ask(request, options.what_failed);
  return state.is_enough || answer.status == 204 || options.is_complete();
}

/// Says that the connection is lost, and waits a little; false where that has gone on for too long.
bool wait_for_another(
    const follow_options& options, followed_stream& state, const std::string& why
) {
  const auto now = steady_clock::now();
  if (state.is_open || state.lost_at == steady_clock::time_point{}) {
    state.lost_at = now;
    state.pause = first_pause;
  }
  if (now - state.lost_at >= options.give_up_after) {
    return false;
  }
  if (options.on_lost) {
    options.on_lost(why);
  }
  pause_for(state.pause);
  state.pause = std::min(state.pause * 2, longest_reconnect_pause);
  return true;
}

}  // namespace

void follow_events(api_client& api, const follow_options& options) {
  followed_stream state{.last_id = options.after_id, .lost_at = {}};
  for (;;) {
    try {
      if (read_stream(api, options, state)) {
        return;
      }
      if (!wait_for_another(options, state, "the service has ended the stream")) {
        throw command_error{
            exit_code::unreachable, options.what_failed, "the service ends each stream at once",
            "stayler doctor says how it is"};
      }
    } catch (const command_error& error) {
      if (error.code != exit_code::unreachable || !state.was_open
          || !wait_for_another(options, state, error.why)) {
        throw;
      }
    }
  }
}

}  // namespace stayler::cli
