// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/synchronized_job_store.hpp"

#include "messages/jobs/job_filter.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <utility>

using namespace stayler;
using namespace stayler::adapters;

namespace {

/// Notes when a call comes while another is under way.
class watchful_store final : public job_store {
 public:
  explicit watchful_store(std::atomic<bool>& was_shared) : was_shared_(was_shared) {}

  store_outcome execute(std::span<const store_change>, timestamp) override {
    return visit(store_outcome{});
  }
  result<job> find(const job_id&) override { return visit(job{}); }
  result<job_page> list(const job_filter&) override { return visit(job_page{}); }
  result<waiting_status> waiting() override { return visit(waiting_status{}); }
  result<job_counts> counts() override { return visit(job_counts{}); }
  [[nodiscard]] bool is_blocking() const noexcept override { return false; }

 private:
  template <class Answer>
  Answer visit(Answer answer) {
    if (is_inside_.exchange(true)) {
      was_shared_ = true;
    }
    std::this_thread::yield();
    is_inside_ = false;
    return answer;
  }

  std::atomic<bool> is_inside_{false};
  std::atomic<bool>& was_shared_;
};

/// Waits in a listing until it may go on.
class slow_to_list final : public job_store {
 public:
  store_outcome execute(std::span<const store_change>, timestamp) override {
    may_go_on_.count_down();
    return {};
  }
  result<job> find(const job_id&) override { return job{}; }
  result<job_page> list(const job_filter&) override {
    is_listing.count_down();
    may_go_on_.wait();
    return job_page{};
  }
  result<waiting_status> waiting() override { return waiting_status{}; }
  result<job_counts> counts() override { return job_counts{}; }
  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

  std::latch is_listing{1};

 private:
  std::latch may_go_on_{1};
};

}  // namespace

TEST_CASE("a listing of a blocking store does not hold up its changes") {
  auto inner = std::make_unique<slow_to_list>();
  std::latch& is_listing = inner->is_listing;
  const auto store = make_synchronized_job_store(std::move(inner));
  std::thread lister{[&store] { static_cast<void>(store->list({})); }};
  is_listing.wait();
  static_cast<void>(store->execute({}, {}));  // lets the listing end: it would wait for ever
  lister.join();
}

TEST_CASE("calls from several threads reach a store one at a time") {
  std::atomic<bool> was_shared{false};
  const auto store = make_synchronized_job_store(std::make_unique<watchful_store>(was_shared));
  const auto call_all = [&store] {
    for (int i = 0; i < 2'000; ++i) {
      static_cast<void>(store->execute({}, {}));
      static_cast<void>(store->find({}));
      static_cast<void>(store->list({}));
      static_cast<void>(store->waiting());
      static_cast<void>(store->counts());
    }
  };
  std::thread other{call_all};
  call_all();
  other.join();
  CHECK_FALSE(was_shared);
}
