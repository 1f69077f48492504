// SPDX-License-Identifier: MIT
#pragma once

// Checks the history that history_job_store writes against what the service promises. Works on
// files alone, long after the processes have gone.

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace stayler::test {

struct history_figures {
  std::size_t jobs = 0;
  std::size_t leases = 0;
  std::size_t calls = 0;
  std::size_t ambiguous_calls = 0;
  std::size_t crashes = 0;
  std::size_t completed = 0;
  std::size_t dead_letters = 0;
  std::size_t cancelled = 0;
  std::size_t processes = 0;
  std::size_t gaps = 0;  ///< lines that a kill kept from being written
};

struct history_report {
  history_figures figures;
  std::vector<std::string> violations;  ///< empty: every promise was kept
};

/// What is known from elsewhere.
struct history_claims {
  std::set<std::string> accepted;  ///< ids that callers were given
  /// The status of every job at the end, by id. Empty: not known, the history has to say it.
  std::map<std::string, std::string> final_states;
  std::size_t max_ambiguous_calls = 1;  ///< of a job, before it is given up
  /// How often the store was away: it may have done what it could not say any more.
  std::size_t store_outages = 0;
};

/// The promises:
/// - no accepted job is lost: each has its line, and its end;
/// - at most one live lease: a lease is given once, and only after the one before it has ended;
/// - no way out of a final state, but for a dead letter that is retried;
/// - no stale token wins: each lease ends once;
/// - calls within policy: one for each lease at most, and none after too many of unknown fate.
/// Lines are put in order by job and token, so that the clocks of processes do not matter. A line
/// may be missing where a process was killed, or its store was away: for each time some are
/// forgiven, and counted as gaps.
history_report check_history(
    std::span<const std::filesystem::path> files, const history_claims& claims
);

std::ostream& operator<<(std::ostream& out, const history_figures& figures);

}  // namespace stayler::test
