// SPDX-License-Identifier: MIT
#include "tests/e2e/chaos_load.hpp"

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

/// Enough that a service that keeps callers waiting does not slow down the load.
constexpr std::size_t caller_count = 16;

constexpr std::size_t users = 7;

/// Pause of a caller who was sent away.
constexpr auto come_again = 200ms;

bool is_refused_by_provider(std::size_t number) {
  return number % 100 == 37;
}

bool is_cancelled(std::size_t number) {
  return number % 100 == 73;
}

std::string body_of(std::size_t number, const std::string& person, const std::string& garment) {
  return R"({"type":"image_conversion","conversionId":"chaos-)" + std::to_string(number)
         + R"(","userId":"user-)" + std::to_string(number % users)
         + R"(","payload":{"userImageId":")" + person + R"(","clothImageId":")" + garment
         + R"(","options":{"noCache":true,"prompt":")"
         + (is_refused_by_provider(number) ? "[[sim:safety]]" : "") + R"("}}})";
}

}  // namespace

chaos_load::chaos_load(service_stack& stack, std::size_t jobs, std::chrono::milliseconds lasts)
    : stack_(stack), pause_(std::chrono::microseconds{lasts} / jobs) {
  // Small photos: it is not the codec that is to be tried.
  const std::string person = stack.upload(as_text(make_picture({image_format::jpeg, 96, 128})));
  const std::string garment = stack.upload(as_text(make_picture({image_format::png, 64, 64})));
  for (std::size_t number = 0; number < jobs; ++number) {
    bodies_.push_back(body_of(number, person, garment));
  }
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
    const auto answer = stack_.call("POST", "/worker/jobs", bodies_[number], headers);
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
    const auto answer = stack_.call("DELETE", "/worker/jobs/" + id);
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
