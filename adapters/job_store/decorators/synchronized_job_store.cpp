// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/synchronized_job_store.hpp"

#include <mutex>
#include <utility>

namespace stayler::adapters {

namespace {

class synchronized_job_store final : public job_store {
 public:
  explicit synchronized_job_store(std::unique_ptr<job_store> kept) : kept_(std::move(kept)) {}

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    const std::scoped_lock lock{mutex_};
    return kept_->execute(batch, now);
  }
  result<job> find(const job_id& id) override {
    const std::scoped_lock lock{mutex_};
    return kept_->find(id);
  }
  result<job_page> list(const job_filter& filter) override {
    const std::scoped_lock lock{mutex_};
    return kept_->list(filter);
  }
  result<waiting_status> waiting() override {
    const std::scoped_lock lock{mutex_};
    return kept_->waiting();
  }
  result<job_counts> counts() override {
    const std::scoped_lock lock{mutex_};
    return kept_->counts();
  }
  void on_external_change(std::function<void(const external_change&)> told) override {
    kept_->on_external_change(std::move(told));
  }
  [[nodiscard]] bool is_blocking() const noexcept override { return kept_->is_blocking(); }

 private:
  std::mutex mutex_;
  std::unique_ptr<job_store> kept_;
};

}  // namespace

std::unique_ptr<job_store> make_synchronized_job_store(std::unique_ptr<job_store> kept) {
  return std::make_unique<synchronized_job_store>(std::move(kept));
}

}  // namespace stayler::adapters
