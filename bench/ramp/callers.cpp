// SPDX-License-Identifier: MIT
#include "bench/ramp/callers.hpp"

#include <algorithm>

namespace stayler::bench {

namespace {

using policies::learned_quota;
using std::chrono::milliseconds;
using std::chrono::seconds;

const timestamp some_day{milliseconds{1'767'268'800'000}};

constexpr std::uint32_t first_limit = 16;
constexpr std::uint32_t most_limit = 10'000;

/// A limit on calls in flight that is judged once a round of as many ended calls.
class round_rule {
 public:
  [[nodiscard]] std::uint32_t limit(bool, caller::clock_time) const { return limit_; }

  void note(bool is_refused, caller::clock_time) {
    ++calls_;
    refused_ += is_refused ? 1 : 0;
    if (calls_ < std::max(limit_, 10U)) {
      return;
    }
    if (refused_ * 100 > calls_ * 15) {
      limit_ = std::max(1U, limit_ * 7 / 10);
      is_first_ = false;
    } else {
      limit_ = std::min(most_limit, is_first_ ? limit_ * 2 : limit_ + 1);
    }
    calls_ = refused_ = 0;
  }

 private:
  std::uint32_t limit_ = first_limit;
  bool is_first_ = true;
  std::uint32_t calls_ = 0;
  std::uint32_t refused_ = 0;
};

/// Doubles with time, as long as it is used; the crudest brake.
class timed_rule {
 public:
  std::uint32_t limit(bool is_used, caller::clock_time now) {
    if (is_used && now >= grows_at_) {
      limit_ = std::min(most_limit, limit_ * 2);
      grows_at_ = now + seconds{1};
    }
    return limit_;
  }

  void note(bool is_refused, caller::clock_time now) {
    if (is_refused && now >= halves_at_) {
      limit_ = std::max(1U, limit_ / 2);
      halves_at_ = now + seconds{1};
      grows_at_ = now + seconds{2};
    }
  }

 private:
  std::uint32_t limit_ = first_limit;
  caller::clock_time grows_at_{};
  caller::clock_time halves_at_{};
};

template <class Rule>
class simple_caller final : public caller {
 public:
  std::optional<call_admission::admitted_call> admit(clock_time now) override {
    if (quota_.opens_at(now) > now || in_flight_ >= rule_.limit(in_flight_ >= used_, now)) {
      return std::nullopt;
    }
    quota_.sent(now);
    used_ = std::max(used_, ++in_flight_);
    return call_admission::admitted_call{{}, {}, now, in_flight_};
  }

  void end(const call_admission::admitted_call& call, const failure& outcome, clock_time now)
      override {
    --in_flight_;
    if (outcome.kind == error_class::rate_limited) {
      quota_.refused(call.sent_at, outcome.retry_after, now);
    } else {
      quota_.accepted();
      rule_.note(outcome.kind == error_class::unavailable, now);
    }
  }

 private:
  Rule rule_;
  learned_quota quota_;
  std::uint32_t in_flight_ = 0;
  std::uint32_t used_ = first_limit;
};

class own_caller final : public caller {
 public:
  own_caller() {
    gemini_settings config;
    config.api_key = "one";
    admission_.configure(config);
  }

  std::optional<call_admission::admitted_call> admit(clock_time now) override {
    auto call = admission_.admit(now, some_day);
    if (!call) {
      admission_.request_more(now);
    }
    return call;
  }

  void end(const call_admission::admitted_call& call, const failure& outcome, clock_time now)
      override {
    admission_.end(call, outcome, now);
  }

  call_admission* admission() override { return &admission_; }

 private:
  call_admission admission_;
};

}  // namespace

std::string_view to_string(opening_rule rule) {
  switch (rule) {
    case opening_rule::round:
      return "round";
    case opening_rule::timed:
      return "timed";
    case opening_rule::found:
      break;
  }
  return "found";
}

std::unique_ptr<caller> make_caller(opening_rule rule) {
  switch (rule) {
    case opening_rule::round:
      return std::make_unique<simple_caller<round_rule>>();
    case opening_rule::timed:
      return std::make_unique<simple_caller<timed_rule>>();
    case opening_rule::found:
      break;
  }
  return std::make_unique<own_caller>();
}

}  // namespace stayler::bench
