// SPDX-License-Identifier: MIT
#include "tests/history/history_check.hpp"

#include "adapters/json/json_reader.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <string_view>

namespace stayler::test {

namespace {

using adapters::json_value;

/// Lines of one batch that a kill, or a lost answer of the store, may have kept from being written.
constexpr std::size_t gaps_per_interruption = 512;

/// What happened to a job under one token: all that a lease can have, and what came after it.
struct lease_story {
  int given = 0;
  int calls = 0;
  int settled = 0;
  std::vector<std::string> ends;  ///< completed, requeue crashed, failed crashed, cancelled, ...
  bool is_retried = false;
};

struct job_story {
  bool is_submitted = false;
  bool is_removed = false;                     ///< by hand, or with its user's data
  std::map<std::int64_t, lease_story> leases;  ///< by token; 0 is before the first
};

std::string text_of(const json_value& line, std::string_view name) {
  const auto* member = line.find(name);
  const auto* text = member != nullptr ? member->as<std::string>() : nullptr;
  return text != nullptr ? *text : std::string{};
}

bool is_end(std::string_view event) {
  return event == "completed" || event == "put_back" || event == "failed" || event == "cancelled";
}

bool is_crash(std::string_view end) {
  return end.find(" crashed") != std::string_view::npos;
}

/// The store's own word: that the line `call_settled` is missing may be a kill's doing.
bool is_ambiguous(std::string_view end) {
  return end.ends_with(" ambiguous");
}

class history_checker {
 public:
  explicit history_checker(const history_claims& claims) : claims_(claims) {}

  void read(const std::filesystem::path& file) {
    std::ifstream in{file};
    if (!in) {
      blame(file.string(), "cannot be read");
    }
    for (std::string line; std::getline(in, line);) {
      const auto json = adapters::parse_json(line);
      // The last line of a process that was killed may be half a line.
      json ? take(*json) : note_gap();
    }
  }

  history_report conclude() {
    for (const auto& [id, story] : jobs_) {
      check_job(id, story);
    }
    for (const std::string& id : claims_.accepted) {
      if (jobs_.count(id) == 0 && claims_.final_states.count(id) == 0) {
        blame(id, "was accepted and is lost");
      }
    }
    const std::size_t restarts = report_.figures.processes > 0 ? report_.figures.processes - 1 : 0;
    const std::size_t interruptions = restarts + claims_.store_outages;
    if (report_.figures.gaps > interruptions * gaps_per_interruption) {
      blame("history", "has more gaps than kills explain");
    }
    report_.figures.jobs = jobs_.size();
    return std::move(report_);
  }

 private:
  void blame(const std::string& whom, const std::string& what) {
    report_.violations.push_back(whom + ": " + what);
  }

  void note_gap() { ++report_.figures.gaps; }

  void take(const json_value& line) {
    const std::string event = text_of(line, "event");
    if (event == "opened") {
      ++report_.figures.processes;
      return;
    }
    const auto* number =
        line.find("token") != nullptr ? line.find("token")->as<std::int64_t>() : nullptr;
    job_story& story = jobs_[text_of(line, "job")];
    lease_story& lease = story.leases[number != nullptr ? *number : 0];
    if (event == "submitted") {
      story.is_submitted = true;
    } else if (event == "dropped" || event == "erased") {
      story.is_removed = true;
    } else if (event == "leased") {
      ++lease.given;
      ++report_.figures.leases;
    } else if (event == "call_opened") {
      ++lease.calls;
      ++report_.figures.calls;
    } else if (event == "call_settled") {
      ++lease.settled;
    } else if (event == "retried") {
      lease.is_retried = true;
    } else if (is_end(event)) {
      const std::string detail = text_of(line, "detail");
      const std::string end = detail.empty() ? event : event + " " + detail;
      // The same end twice is one that was said again after its answer was lost.
      if (std::find(lease.ends.begin(), lease.ends.end(), end) == lease.ends.end()) {
        lease.ends.push_back(end);
      }
    } else {
      blame("history", "holds the unknown event '" + event + "'");
    }
  }

  void check_job(const std::string& id, const job_story& story) {
    if (!story.is_submitted) {
      note_gap();
    }
    std::size_t ambiguous = 0;
    const std::string* final_end = nullptr;
    for (auto at = story.leases.begin(); at != story.leases.end(); ++at) {
      const auto& [token, lease] = *at;
      const std::string name = id + " lease " + std::to_string(token);
      if (final_end != nullptr && lease.given > 0) {
        blame(name, "was given after the job had ended as " + *final_end);
      }
      if (lease.given > 0 && ambiguous > claims_.max_ambiguous_calls) {
        blame(name, "was given after " + std::to_string(ambiguous) + " calls of unknown fate");
      }
      check_lease(name, token, lease, std::next(at) == story.leases.end());
      if (std::any_of(lease.ends.begin(), lease.ends.end(), is_ambiguous)) {
        ++ambiguous;
        ++report_.figures.ambiguous_calls;
      }
      if (!lease.ends.empty() && !lease.ends.back().starts_with("put_back") && !lease.is_retried) {
        final_end = &lease.ends.back();
      }
      ambiguous = lease.is_retried ? 0 : ambiguous;
    }
    check_end(id, story, final_end);
  }

  void check_lease(
      const std::string& name, std::int64_t token, const lease_story& lease, bool is_last
  ) {
    if (lease.given > 1) {
      blame(name, "was given twice");
    }
    if (token > 0 && lease.given == 0) {
      note_gap();
    }
    if (lease.calls > 1) {
      blame(name, "made more than one call to the provider");
    }
    if (lease.settled > lease.calls) {
      note_gap();
    }
    // A job that waits again, or is retried, may be cancelled or fail under the same token.
    const auto live_ends = std::count_if(lease.ends.begin(), lease.ends.end(), [](const auto& end) {
      return end != "cancelled";
    });
    if (live_ends > 1) {
      std::string all;
      for (const std::string& end : lease.ends) {
        all += (all.empty() ? "" : ", ") + end;
      }
      blame(name, "ended more than once: " + all);
    }
    if (lease.given > 0 && lease.ends.empty()) {
      if (!is_last) {
        note_gap();
      }
    }
    for (const std::string& end : lease.ends) {
      report_.figures.crashes += is_crash(end) ? 1 : 0;
      report_.figures.completed += end == "completed" ? 1 : 0;
      report_.figures.dead_letters += end.starts_with("failed") ? 1 : 0;
      report_.figures.cancelled += end == "cancelled" ? 1 : 0;
    }
  }

  void check_end(const std::string& id, const job_story& story, const std::string* final_end) {
    if (story.is_removed) {
      return;
    }
    const auto known = claims_.final_states.find(id);
    if (known == claims_.final_states.end()) {
      if (!claims_.final_states.empty()) {
        blame(id, "is in the history and not in the store");
      } else if (final_end == nullptr) {
        blame(id, "has no end");
      }
      return;
    }
    const std::string& status = known->second;
    if (status != "completed" && status != "failed" && status != "cancelled") {
      blame(id, "is " + status + " at the end");
    } else if (final_end == nullptr) {
      note_gap();
    } else if (!final_end->starts_with(status)) {
      blame(id, "ended as " + *final_end + " and is " + status + " in the store");
    }
  }

  const history_claims& claims_;
  std::map<std::string, job_story> jobs_;
  history_report report_;
};

}  // namespace

history_report check_history(
    std::span<const std::filesystem::path> files, const history_claims& claims
) {
  history_checker checker{claims};
  for (const auto& file : files) {
    checker.read(file);
  }
  return checker.conclude();
}

std::ostream& operator<<(std::ostream& out, const history_figures& figures) {
  return out << "history: " << figures.jobs << " jobs, " << figures.leases << " leases, "
             << figures.calls << " calls to the provider, " << figures.ambiguous_calls
             << " of unknown fate, " << figures.crashes << " leases lost, " << figures.completed
             << " completed, " << figures.dead_letters << " dead letters, " << figures.cancelled
             << " cancelled; " << figures.processes << " processes, " << figures.gaps
             << " lines missing after kills";
}

}  // namespace stayler::test
