// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/jobs/job.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// Which jobs to list, newest first; empty fields do not filter.
struct job_filter {
  std::vector<job_status> statuses;
  std::vector<job_type> types;
  std::string user_id;
  std::string conversion_id;
  std::vector<error_class> errors;  ///< of the last failed attempt
  job_id before;             ///< cursor: only jobs older than this one; nil for the first page
  std::uint32_t limit = 50;  ///< 1 to 500
  /// Only this job and newer ones; nil for no such bound. As ids begin with the time at which they
  /// were made, it bounds the age as well.
  job_id since{};

  friend bool operator==(const job_filter&, const job_filter&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_filter& x) {
  return f(x.statuses, x.types, x.user_id, x.conversion_id, x.errors, x.before, x.limit, x.since);
}

/// One page of a listing.
struct job_page {
  std::vector<job> jobs;
  job_id next;  ///< the cursor of the next page; nil where this one is the last

  friend bool operator==(const job_page&, const job_page&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_page& x) {
  return f(x.jobs, x.next);
}

}  // namespace stayler
