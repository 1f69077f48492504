// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/memory_job_table.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "messages/jobs/job_filter.hpp"

#include <iterator>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr job_id last_id{[] {
  uuid id;
  id.bytes.fill(0xFF);
  return id;
}()};

/// A part of an index, newest first.
template <class Index>
using range = std::pair<
    std::reverse_iterator<typename Index::const_iterator>,
    std::reverse_iterator<typename Index::const_iterator>>;

template <class Index>
range<Index> range_of(const Index& index, job_record& first, job_record& last) {
  return {
      std::make_reverse_iterator(index.lower_bound(&last)),
      std::make_reverse_iterator(index.lower_bound(&first))};
}

/// The newest job that none of the ranges has passed yet; null at their end.
template <class Range>
const job_record* take_newest(std::vector<Range>& ranges) {
  Range* newest = nullptr;
  for (Range& r : ranges) {
    if (r.first != r.second && (newest == nullptr || (*newest->first)->id < (*r.first)->id)) {
      newest = &r;
    }
  }
  return newest == nullptr ? nullptr : *newest->first++;
}

template <class Range>
job_page page_of(std::vector<Range> ranges, const job_filter& filter) {
  const std::size_t limit = page_limit(filter);
  job_page page;
  job_id last_visited;
  for (std::size_t visited = 0; const job_record* candidate = take_newest(ranges); ++visited) {
    if (page.jobs.size() == limit || visited == scan_limit) {
      page.next = last_visited;
      return page;
    }
    last_visited = candidate->id;
    if (is_wanted(filter.statuses, candidate->status)) {
      stored_job stored = candidate->read();
      if (matches(stored.value, filter)) {
        page.jobs.push_back(std::move(stored.value));
      }
    }
  }
  return page;
}

}  // namespace

/// By the index that leaves the fewest jobs: those of a conversion, of a user, or of each state.
result<job_page> memory_job_table::list(const job_filter& filter) {
  job_record first;
  job_record last;
  first.id = filter.since;
  last.id = filter.before.value.is_nil() ? last_id : filter.before;
  if (last.id <= first.id) {
    return job_page{};
  }
  if (!filter.conversion_id.empty()) {
    first.conversion = last.conversion = hash_of(filter.conversion_id);
    return page_of(std::vector{range_of(by_conversion_, first, last)}, filter);
  }
  if (!filter.user_id.empty()) {
    const auto user = users_.find(filter.user_id);
    if (user == users_.end()) {
      return job_page{};
    }
    first.user = last.user = &user->first;
    return page_of(std::vector{range_of(by_user_, first, last)}, filter);
  }
  std::vector<range<job_state_index::state_order>> ranges;
  for (const job_status status : all_statuses) {
    if (is_wanted(filter.statuses, status)) {
      first.status = last.status = status;
      ranges.push_back(range_of(states_.all(), first, last));
    }
  }
  return page_of(std::move(ranges), filter);
}

}  // namespace stayler::adapters
