// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/synchronized_job_store.hpp"

#include "adapters/job_store/decorators/forwarding_job_store.hpp"
#include "messages/jobs/job_filter.hpp"

#include <mutex>
#include <utility>

namespace stayler::adapters {

namespace {

class synchronized_job_store final : public forwarding_job_store {
 public:
  using forwarding_job_store::forwarding_job_store;

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    const std::scoped_lock lock{mutex_};
    return forwarding_job_store::execute(batch, now);
  }
  result<job> find(const job_id& id) override {
    const std::scoped_lock lock{mutex_};
    return forwarding_job_store::find(id);
  }
  result<job_page> list(const job_filter& filter) override {
    const std::scoped_lock lock{is_blocking() ? listing_mutex_ : mutex_};
    return forwarding_job_store::list(filter);
  }
  result<waiting_status> waiting() override {
    const std::scoped_lock lock{mutex_};
    return forwarding_job_store::waiting();
  }
  result<job_counts> counts() override {
    const std::scoped_lock lock{mutex_};
    return forwarding_job_store::counts();
  }

 private:
  std::mutex mutex_;
  std::mutex listing_mutex_;  ///< of a blocking store, which lists beside the other calls
};

}  // namespace

std::unique_ptr<job_store> make_synchronized_job_store(std::unique_ptr<job_store> inner) {
  return std::make_unique<synchronized_job_store>(std::move(inner));
}

}  // namespace stayler::adapters
