// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stayler::adapters {

/// The processes in which suspects run alone. Each joins this process as a node with one worker,
/// and ends with it. No call waits for a process; any thread.
class quarantines {
 public:
  virtual ~quarantines() = default;

  /// Starts one by those settings; the name under which it will join. unavailable.
  virtual result<std::string> start(const settings& config) = 0;

  /// It is needed no more: it is told to end, and killed where it does not in time. Its name is
  /// forgotten.
  virtual void end(const std::string& name) = 0;

  /// How it came to an end that nobody had told it ("was ended by signal 9, Killed"), or why it
  /// could not be started; nothing while it runs, and for names that are not known.
  virtual std::optional<std::string> how_it_ended(const std::string& name) = 0;

  /// Those that were started and not told to end.
  virtual std::vector<std::string> names() = 0;
};

}  // namespace stayler::adapters
