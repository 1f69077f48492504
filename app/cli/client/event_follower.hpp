// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/client/api_client.hpp"
#include "app/cli/client/event_parser.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace stayler::cli {

/// How a stream of events is followed.
struct follow_options {
  std::string path;              ///< with its query
  std::string after_id = {};     ///< resumes after that event; empty: from now on
  std::string what_failed = {};  ///< for errors: "cannot follow job 0198…"
  std::chrono::milliseconds give_up_after{60'000};         ///< without a connection
  std::function<void()> on_open = {};                      ///< at the first byte of each one
  std::function<void(const std::string&)> on_lost = {};    ///< why, before it connects again
  std::function<bool(const stream_event&)> on_event = {};  ///< false: enough
  /// Asked now and then, also in silence; false: enough.
  std::function<bool()> goes_on = [] { return true; };
  /// Asked where the service has ended the stream: nothing is missing, so do not come back?
  std::function<bool()> is_complete = [] { return false; };
};

/// Follows a stream until it is complete or `on_event` has enough. A connection that is lost, or
/// silent for 45 s, is opened again after the last event seen (Last-Event-ID). Throws
/// command_error: what the service refuses, `unreachable` where it was away for too long.
void follow_events(api_client& api, const follow_options& options);

}  // namespace stayler::cli
