// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"
#include "messages/jobs/job_filter.hpp"

#include <functional>
#include <memory>
#include <span>
#include <utility>

namespace stayler::adapters {

/// A store that passes every call on to the one inside: the base of stores that add something to
/// some of the calls.
class forwarding_job_store : public job_store {
 public:
  explicit forwarding_job_store(std::unique_ptr<job_store> inner) : inner_(std::move(inner)) {}

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    return inner_->execute(batch, now);
  }
  result<job> find(const job_id& id) override { return inner_->find(id); }
  result<job_page> list(const job_filter& filter) override { return inner_->list(filter); }
  result<waiting_status> waiting() override { return inner_->waiting(); }
  result<job_counts> counts() override { return inner_->counts(); }
  void on_external_change(std::function<void(const external_change&)> callback) override {
    inner_->on_external_change(std::move(callback));
  }
  [[nodiscard]] bool is_blocking() const noexcept override { return inner_->is_blocking(); }

 private:
  std::unique_ptr<job_store> inner_;
};

}  // namespace stayler::adapters
