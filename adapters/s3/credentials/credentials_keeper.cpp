// SPDX-License-Identifier: MIT
#include "adapters/s3/credentials/credentials_keeper.hpp"

#include "adapters/log/log.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::images::log;
using steady_clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

class credentials_keeper final : public credentials_source {
 public:
  credentials_keeper(
      std::unique_ptr<credentials_place> place,
      std::shared_ptr<const wall_clock> clock,
      keeper_pace pace
  )
      : place_(std::move(place)), clock_(std::move(clock)), pace_(pace) {
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
  }

  result<aws_credentials> get(steady_clock::time_point deadline) override {
    std::unique_lock lock{mutex_};
    if (!holds()) {
      const auto before = fetches_;
      is_wanted_ = true;
      news_.notify_all();
      news_.wait_until(lock, deadline, [&] { return holds() || fetches_ != before; });
    }
    if (held_) {
      return held_->key;
    }
    return why_ ? why_ : failure{error_class::unavailable, "no key for S3 came in time"};
  }

  bool renew(const aws_credentials& refused) override {
    const std::scoped_lock lock{mutex_};
    is_refused_ = held_ && held_->key == refused;
    return true;
  }

 private:
  /// With the mutex held.
  [[nodiscard]] bool holds() const {
    return held_ && !is_refused_
           && (!held_->expires_at || clock_->now() + pace_.margin < *held_->expires_at);
  }

  void run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
      lock.unlock();
      auto fetched = place_->fetch(stop);
      lock.lock();
      if (stop.stop_requested()) {
        return;
      }
      fetched ? keep(std::move(*fetched)) : note(std::move(fetched).error());
      ++fetches_;
      is_wanted_ = false;
      news_.notify_all();
      wait_for_next(lock, stop);
    }
  }

  void keep(issued_credentials issued) {
    if (failures_ > 0) {
      log.info("keys for S3 are given out again");
    }
    held_ = std::move(issued);
    is_refused_ = false;
    why_ = {};
    failures_ = 0;
    pause_ = time_to_renewal(held_->expires_at, clock_->now());
  }

  void note(failure why) {
    if (failures_ == 0) {
      log.warning(
          "no new key for S3; that of before, if any, stays",
          {{"errorClass", why.kind}, {"reason", why.message}}
      );
    }
    why_ = std::move(why);
    pause_ = pause_after_failures(++failures_);
  }

  /// Whoever has no key that holds is not kept waiting for long, and yet cannot flood the place.
  void wait_for_next(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    const auto now = steady_clock::now();
    news_.wait_until(lock, stop, now + pace_.least, [] { return false; });
    news_.wait_until(lock, stop, now + pause_, [this] { return is_wanted_; });
  }

  const std::unique_ptr<credentials_place> place_;
  const std::shared_ptr<const wall_clock> clock_;
  const keeper_pace pace_;

  std::mutex mutex_;
  std::condition_variable_any news_;
  std::optional<issued_credentials> held_;
  failure why_;
  bool is_refused_ = false;  ///< the store does not take it
  bool is_wanted_ = false;   ///< somebody waits
  std::uint64_t fetches_ = 0;
  std::uint32_t failures_ = 0;  ///< in a row
  milliseconds pause_{0};       ///< until the next key is asked for

  std::jthread thread_;  ///< the last: it needs the others
};

}  // namespace

milliseconds time_to_renewal(std::optional<timestamp> expires_at, timestamp now) {
  if (!expires_at) {
    return 1h;
  }
  const auto left = std::max(*expires_at - now, milliseconds{0});
  return left - std::min<milliseconds>(5min, left / 2);
}

milliseconds pause_after_failures(std::uint32_t failures) {
  return std::min<milliseconds>(1s * (1U << std::min(failures - 1, 5U)), 30s);
}

std::shared_ptr<credentials_source> make_credentials_keeper(
    std::unique_ptr<credentials_place> place,
    std::shared_ptr<const wall_clock> clock,
    keeper_pace pace
) {
  return std::make_shared<credentials_keeper>(std::move(place), std::move(clock), pace);
}

}  // namespace stayler::adapters
