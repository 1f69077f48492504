// SPDX-License-Identifier: MIT
#pragma once

// What the tests of job stores share: how to get a store, and short words for what they do with it.

#include "adapters/job_store/job_store.hpp"
#include "messages/jobs/job_filter.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters::conformance {

/// How to get a store. `open` makes one that holds nothing. `reopen`, where the store is durable,
/// closes the store and opens it once more with what it held; empty otherwise.
struct store_maker {
  std::function<std::unique_ptr<job_store>()> open;
  std::function<std::unique_ptr<job_store>(std::unique_ptr<job_store>)> reopen;
  /// True where one process at a time has the store, so that opening it ends all leases.
  bool is_exclusive = false;
};

inline constexpr milliseconds lease_time{30'000};

/// A store with a clock that only the test moves, and short words for what tests do.
class driver {
 public:
  explicit driver(std::unique_ptr<job_store> subject) : store(std::move(subject)) {}

  [[nodiscard]] job new_job(const std::string& user = "ann", std::uint32_t priority = 5) const {
    job j;
    j.id = job_id{make_uuid_v7(now)};
    j.request.user_id = user;
    j.request.priority = priority;
    j.request.payload.user_image_id = "photo-of-" + user;
    j.request.payload.cloth_image_id = "coat";
    j.created_at = now;
    return j;
  }

  store_reply one(store_change change) {
    last = store->execute({&change, 1}, now);
    REQUIRE(last.replies.size() == 1);
    return last.replies.front();
  }

  job add(job j) {
    store_reply reply = one(store_op::enqueue{std::move(j)});
    REQUIRE_FALSE(reply.error);
    REQUIRE(reply.jobs.size() == 1);
    return reply.jobs.front();
  }

  job add(const std::string& user = "ann", std::uint32_t priority = 5) {
    return add(new_job(user, priority));
  }

  std::vector<job> claim(std::size_t count, const std::string& instance_id = "host-1") {
    store_op::claim wanted{std::vector<std::string>(count, "worker"), instance_id, lease_time};
    for (std::size_t i = 0; i < count; ++i) {
      wanted.workers[i] += std::to_string(i);
    }
    store_reply reply = one(wanted);
    INFO(reply.error.message);
    REQUIRE_FALSE(reply.error);
    return reply.jobs;
  }

  job claim_one() {
    auto jobs = claim(1);
    REQUIRE(jobs.size() == 1);
    return jobs.front();
  }

  job stored(const job_id& id) {
    auto found = store->find(id);
    REQUIRE(found);
    return *found;
  }

  job_page page(const job_filter& filter) {
    auto found = store->list(filter);
    REQUIRE(found);
    return *found;
  }

  /// All pages of a listing, one after the other.
  std::vector<job> all(job_filter filter) {
    std::vector<job> jobs;
    do {
      job_page next = page(filter);
      jobs.insert(jobs.end(), next.jobs.begin(), next.jobs.end());
      filter.before = next.next;
    } while (!filter.before.value.is_nil());
    return jobs;
  }

  std::unique_ptr<job_store> store;
  timestamp now{milliseconds{1'800'000'000'000}};
  store_outcome last;
};

inline std::vector<std::string> users_of(const std::vector<job>& jobs) {
  std::vector<std::string> users;
  std::transform(jobs.begin(), jobs.end(), std::back_inserter(users), [](const job& j) {
    return j.request.user_id;
  });
  return users;
}

inline std::vector<job_id> ids_of(const std::vector<job>& jobs) {
  std::vector<job_id> ids;
  std::transform(jobs.begin(), jobs.end(), std::back_inserter(ids), [](const job& j) {
    return j.id;
  });
  return ids;
}

inline failure error_of(error_class kind) {
  return {kind, std::string{to_string(kind)}};
}

}  // namespace stayler::adapters::conformance
