// SPDX-License-Identifier: MIT
#include "tests/e2e/support/chaos_load.hpp"

#include <utility>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

/// Enough that a service that keeps callers waiting does not slow down the load.
constexpr std::size_t caller_count = 16;

/// Pause of a caller who was sent away.
constexpr auto come_again = 200ms;

bool is_cancelled(std::size_t number) {
  return number % 100 == 73;
}

}  // namespace

chaos_load::chaos_load(
    api_call call, std::vector<std::string> bodies, std::chrono::milliseconds lasts
)
    : call_(std::move(call)),
      bodies_(std::move(bodies)),
      pause_(std::chrono::microseconds{lasts} / bodies_.size()) {
  begin_ = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < caller_count; ++i) {
    callers_.emplace_back([this] { run(); });
  }
}

chaos_load::~chaos_load() {
  is_over_ = true;
  static_cast<void>(wait());
}

std::map<std::string, endings> chaos_load::wait() {
  for (std::thread& caller : callers_) {
    caller.join();
  }
  callers_.clear();
  return accepted_;
}

void chaos_load::run() {
  for (std::size_t number = next_++; number < bodies_.size() && !is_over_; number = next_++) {
    std::this_thread::sleep_until(begin_ + number * pause_);
    submit(number);
  }
}

void chaos_load::submit(std::size_t number) {
  const std::vector<std::string> headers{
      "Content-Type: application/json", "Idempotency-Key: chaos-" + std::to_string(number)};
  for (; !is_over_; ++repeats_) {
    const auto answer = call_("POST", "/worker/jobs", bodies_[number], headers);
    if (answer.status / 100 == 2) {
      const auto job = adapters::parse_json(answer.body);
      const std::string id = job ? text_at(*job, {"id"}) : "unreadable: " + answer.body;
      endings may_be{is_refused_by_provider(number) ? "failed" : "completed"};
      if (is_cancelled(number)) {
        std::this_thread::sleep_for(
            number / 100 % 10 * 40ms
        );  // some wait, some run, some are over
        may_be = cancel(id);
      }
      const std::scoped_lock lock{mutex_};
      accepted_[id] = std::move(may_be);
      return;
    }
    std::this_thread::sleep_for(come_again);
  }
}

endings chaos_load::cancel(const std::string& id) {
  endings too_late{"completed"};
  while (!is_over_) {
    const auto answer = call_("DELETE", "/worker/jobs/" + id, "", {});
    if (answer.status == 200) {
      return {"cancelled"};
    }
    if (answer.status == 409) {
      return too_late;
    }
    // What has become of a request that failed is not known.
    too_late.insert("cancelled");
    std::this_thread::sleep_for(come_again);
  }
  return too_late;
}

}  // namespace stayler::test
