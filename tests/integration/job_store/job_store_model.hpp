// SPDX-License-Identifier: MIT
#pragma once

// A model of a job store that is too simple to be wrong: a list of jobs that is searched from end
// to end, with what a store's answers must be by it.

#include "tests/integration/job_store/conformance/suspects.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace stayler::adapters::conformance {

/// What the model knows of one job.
struct model_job {
  job wanted;
  job_status status = job_status::pending;
  std::uint64_t token = 0;
  timestamp at;  ///< due time or end of lease
  timestamp finished_at;
  std::string instance_id;
  precedence over = precedence::none;
  std::uint32_t crashes = 0;
  std::optional<job> final_state;  ///< as first seen

  [[nodiscard]] bool is_suspect() const { return crashes >= 2; }

  [[nodiscard]] attempt_id attempt() const { return {wanted.id, fencing_token{token}}; }
  [[nodiscard]] std::uint32_t band() const {
    return over == precedence::all_jobs ? 99 : wanted.request.priority;
  }
};

/// All jobs, as they have to be by what was asked of the store.
class job_model {
 public:
  std::vector<model_job> jobs;
  std::map<job_type, type_pause> paused;
  suspect_rule rule = suspect_rule::as_others;  ///< of the claim that is checked
  std::uint64_t accepted = 0;
  std::uint64_t stale = 0;

  /// The job that a submission repeats, null where it is a new one.
  const model_job* find_earlier(const job& j) const {
    const auto same_user = [&](const model_job& m) {
      return m.wanted.request.user_id == j.request.user_id;
    };
    const auto by_key = std::find_if(jobs.begin(), jobs.end(), [&](const model_job& m) {
      return same_user(m) && !j.request.idempotency_key.empty()
             && m.wanted.request.idempotency_key == j.request.idempotency_key;
    });
    if (by_key != jobs.end()) {
      return &*by_key;
    }
    return find_in_flight(j);
  }

  const model_job* find_in_flight(const job& j) const {
    const auto in_flight = std::find_if(jobs.begin(), jobs.end(), [&](const model_job& m) {
      return !j.request.conversion_id.empty() && !is_final(m.status)
             && m.wanted.request.conversion_id == j.request.conversion_id;
    });
    return in_flight != jobs.end() ? &*in_flight : nullptr;
  }

  [[nodiscard]] std::uint64_t waiting_of(const std::string& user) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(jobs, [&](const model_job& m) {
      return is_waiting(m.status) && m.wanted.request.user_id == user;
    }));
  }

  static void finish(model_job& j, job_status after, timestamp now) {
    j.status = after;
    j.over = precedence::none;
    j.instance_id.clear();
    j.finished_at = now;
  }

  [[nodiscard]] bool may_run(const model_job& j) const {
    const auto excluded = j.is_suspect() ? suspect_rule::left_out : suspect_rule::only;
    return j.status == job_status::pending && paused.count(j.wanted.request.type) == 0
           && rule != excluded;
  }

  [[nodiscard]] bool has_suspects() const {
    return std::ranges::any_of(jobs, [this](const model_job& j) {
      return j.status == job_status::pending && j.is_suspect()
             && paused.count(j.wanted.request.type) == 0;
    });
  }

  void make_due(timestamp now) {
    std::erase_if(paused, [now](const auto& each) { return has_ended(each.second, now); });
    for (model_job& j : jobs) {
      if (j.status == job_status::scheduled && j.at <= now) {
        j.status = job_status::pending;
      }
    }
  }

  /// The whole test takes less than an ageing step, so that priorities are strict here.
  void check_claim(
      const std::vector<job>& claimed,
      std::size_t wanted,
      const std::string& instance_id,
      timestamp now
  ) {
    const auto runnable = static_cast<std::size_t>(
        std::count_if(jobs.begin(), jobs.end(), [this](const model_job& j) { return may_run(j); })
    );
    REQUIRE(claimed.size() == std::min(wanted, runnable));
    for (const job& taken : claimed) {
      model_job& j = model_of(taken.id);
      REQUIRE(may_run(j));
      REQUIRE(taken.token == fencing_token{j.token + 1});
      const flow turn = turn_of(j);
      for (const model_job& other : jobs) {
        if (may_run(other)) {
          REQUIRE(other.band() <= std::get<0>(turn));
          REQUIRE((!is_rival(j, other) || taken.id <= other.wanted.id));
        }
      }
      check_turn(turn);
      j.status = job_status::processing;
      ++j.token;
      j.over = precedence::none;
      j.instance_id = instance_id;
      j.at = now + lease_time;
    }
  }

  void check_counts(const store_outcome& outcome) {
    const job_counts& counts = outcome.counts;
    REQUIRE(counts.pending == count(job_status::pending));
    REQUIRE(counts.scheduled == count(job_status::scheduled));
    REQUIRE(counts.processing == count(job_status::processing));
    REQUIRE(counts.completed == count(job_status::completed));
    REQUIRE(counts.failed == count(job_status::failed));
    REQUIRE(counts.cancelled == count(job_status::cancelled));
    REQUIRE(counts.accepted == accepted);
    REQUIRE(counts.stale_reports == stale);
    REQUIRE(counts.repaired == 0);
    timestamp next_due;
    for (const model_job& j : jobs) {
      if (j.status == job_status::scheduled && (!is_set(next_due) || j.at < next_due)) {
        next_due = j.at;
      }
    }
    for (const auto& [type, pause] : paused) {
      if (is_set(pause.until) && (!is_set(next_due) || pause.until < next_due)) {
        next_due = pause.until;
      }
    }
    REQUIRE(outcome.next_due == next_due);
  }

  void check_all(driver& d) {
    const auto listed = d.all({});
    REQUIRE(listed.size() == jobs.size());
    for (const job& j : listed) {
      model_job& m = model_of(j.id);
      REQUIRE(j.status == m.status);
      REQUIRE(j.token == fencing_token{m.token});
      REQUIRE(j.request == m.wanted.request);
      REQUIRE(is_set(j.lease_expires_at) == (j.status == job_status::processing));
      REQUIRE(d.stored(j.id) == j);
      if (is_final(j.status)) {
        REQUIRE((!m.final_state || *m.final_state == j));
        m.final_state = j;
      }
    }
    for (const job_status status : {job_status::pending, job_status::failed}) {
      REQUIRE(d.all({{status}, {}, "", "", {}, {}, 7}).size() == count(status));
    }
  }

  /// A store that is opened again gives turns anew.
  void forget_turns() { passes_.clear(); }

 private:
  model_job& model_of(const job_id& id) {
    const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const model_job& m) {
      return m.wanted.id == id;
    });
    REQUIRE(found != jobs.end());
    return *found;
  }

  using flow = std::tuple<std::uint32_t, job_type, std::string, bool>;

  static flow flow_of(const model_job& j) {
    return {j.band(), j.wanted.request.type, j.wanted.request.user_id, j.is_suspect()};
  }

  static bool is_of_same_line(const model_job& a, const model_job& b) {
    return a.wanted.request.type == b.wanted.request.type
           && a.wanted.request.user_id == b.wanted.request.user_id
           && a.is_suspect() == b.is_suspect();
  }

  /// The flow whose turn a job has taken: where it went ahead of its user's others, their first.
  [[nodiscard]] flow turn_of(const model_job& taken) const {
    flow turn = flow_of(taken);
    if (taken.over == precedence::own_jobs) {
      for (const model_job& other : jobs) {
        if (may_run(other) && other.over != precedence::all_jobs && is_of_same_line(taken, other)) {
          std::get<0>(turn) = std::max(std::get<0>(turn), other.band());
        }
      }
    }
    return turn;
  }

  /// True where only the older of the two may have been taken; where the other one had to be taken
  /// whatever its age, the claim is refused.
  static bool is_rival(const model_job& taken, const model_job& other) {
    if (!is_of_same_line(taken, other) || taken.over == precedence::all_jobs) {
      return flow_of(taken) == flow_of(other);
    }
    const bool had_to_be_taken =
        taken.over == precedence::none && other.over == precedence::own_jobs;
    REQUIRE_FALSE(had_to_be_taken);
    return taken.over == precedence::own_jobs ? other.over == precedence::own_jobs
                                              : flow_of(taken) == flow_of(other);
  }

  /// While a flow waits, no other flow of its band is served twice.
  void check_turn(const flow& served) {
    std::set<flow> waiting;
    for (const model_job& j : jobs) {
      if (may_run(j)) {
        waiting.insert(flow_of(j));
      }
    }
    passes_.erase(served);
    for (auto entry = passes_.begin(); entry != passes_.end();) {
      entry = waiting.count(entry->first) == 0 ? passes_.erase(entry) : std::next(entry);
    }
    for (const auto& waiter : waiting) {
      if (waiter != served && std::get<0>(waiter) == std::get<0>(served)) {
        REQUIRE(++passes_[waiter][served] <= 2);
      }
    }
  }

  std::uint64_t count(job_status status) const {
    return static_cast<std::uint64_t>(std::count_if(
        jobs.begin(), jobs.end(), [&](const model_job& j) { return j.status == status; }
    ));
  }

  /// For each waiting flow: how often each other one was served since its own last turn.
  std::map<flow, std::map<flow, int>> passes_;
};

}  // namespace stayler::adapters::conformance
