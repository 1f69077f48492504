// SPDX-License-Identifier: MIT
#include "bench/ramp/simulation.hpp"

#include <algorithm>

namespace stayler::bench {

namespace {

constexpr milliseconds tick{10};
constexpr milliseconds meeting{500};
constexpr milliseconds watching{100};
constexpr double enough = 0.9;
const timestamp some_date{milliseconds{1'767'268'800'000}};

}  // namespace

simulation::simulation(
    const provider_model& model, opening_rule rule, std::size_t callers, std::uint32_t slots
)
    : model_(model),
      rule_(rule),
      slots_(slots / static_cast<std::uint32_t>(callers)),
      provider_(model, 1),
      in_flight_(callers, 0) {
  for (std::size_t i = 0; i < callers; ++i) {
    callers_.push_back(make_caller(rule));
  }
}

double simulation::use(const outcome& seen, clock_time begun) const {
  double most = slots_ * static_cast<double>(callers_.size());
  if (model_.most_in_flight > 0) {
    most = std::min<double>(most, model_.most_in_flight);
  }
  double taken = 0;
  if (model_.per_minute > 0) {
    most = std::min(most, model_.per_minute / 60.0 * model_.latency);
    taken = static_cast<double>(seen.accepted) / provider_.allowed(now_ - begun + tick, is_fresh_);
  }
  return std::min(1.0, std::max(provider_.in_flight() / most, taken));
}

simulation::outcome simulation::run(std::chrono::seconds time, const observer& watch) {
  outcome seen;
  const clock_time begun = now_;
  double sum = 0;
  std::uint32_t times = 0;
  for (const clock_time end = now_ + time; now_ < end; now_ += tick) {
    step(seen);
    const double used = use(seen, begun);
    if (seen.reached < 0 && used >= enough) {
      seen.reached = in_seconds(now_ - begun);
    }
    if (seen.reached >= 0) {
      sum += used;
      ++times;
    }
    if (watch && (now_ - begun) % watching == tick * 0) {
      watch(in_seconds(now_ - begun), provider_.in_flight());
    }
  }
  seen.used = times > 0 ? sum / times : 0;
  return seen;
}

void simulation::step(outcome& seen) {
  end_calls(seen);
  if ((now_.time_since_epoch() % meeting).count() == 0) {
    meet();
  }
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    send_calls((first_ + i) % callers_.size(), seen);
  }
  first_ = (first_ + 1) % callers_.size();
}

void simulation::end_calls(outcome& seen) {
  while (!events_.empty() && events_.top().at <= now_) {
    const event done = events_.top();
    events_.pop();
    --in_flight_[done.whose];
    if (done.outcome) {
      ++seen.refused;
    } else {
      provider_.release();
    }
    callers_[done.whose]->end(done.call, done.outcome, now_);
  }
}

void simulation::send_calls(std::size_t whose, outcome& seen) {
  while (in_flight_[whose] < slots_) {
    auto call = callers_[whose]->admit(now_);
    if (!call) {
      return;
    }
    auto answer = provider_.take(now_);
    seen.accepted += answer.outcome ? 0 : 1;
    ++in_flight_[whose];
    events_.push({now_ + answer.after, whose, std::move(*call), std::move(answer.outcome)});
  }
}

void simulation::meet() {
  if (rule_ != opening_rule::found || callers_.size() == 1) {
    return;
  }
  std::vector<policies::peer_record> all;
  for (const auto& each : callers_) {
    all.push_back(each->admission()->snapshot(now_, some_date));
    all.back().instance_id = std::to_string(100 + all.size());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<policies::peer_record> others = all;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    callers_[i]->admission()->merge(others, i, now_, some_date);
  }
}

void simulation::restart(std::chrono::seconds pause) {
  while (!events_.empty()) {
    now_ = std::max(now_, events_.top().at);
    outcome ignored;
    end_calls(ignored);
  }
  // Ticks stay on a grid that all meetings are on.
  now_ = std::chrono::ceil<std::chrono::seconds>(now_) + pause;
  is_fresh_ = false;
  for (auto& each : callers_) {
    auto anew = make_caller(rule_);
    if (call_admission* before = each->admission()) {
      anew->admission()->begin(before->found(some_date - pause), now_, some_date);
    }
    each = std::move(anew);
  }
}

}  // namespace stayler::bench
