// SPDX-License-Identifier: MIT
#include "policies/provider/limits/concurrency_limit.hpp"

#include <algorithm>
#include <cmath>

namespace stayler::policies {

namespace {

using std::chrono::milliseconds;

/// What is sent in one step is not known to be refused before the next.
constexpr milliseconds growth_step{100};

/// Calls that are under way for so long have been taken.
constexpr milliseconds proof{1'000};

/// Refusals that take longer than that (time-outs above all) are not waited for.
constexpr milliseconds longest_settling{5'000};

/// A limit of which less is used says nothing about whether it is too low.
constexpr double most_used = 0.72;

/// So near to the ceiling growth is gentle: it begins with a small part of the usual speed, which
/// doubles each second.
constexpr double near_ceiling = 0.95;
constexpr double gentle_speed = 1.0 / 64;

/// Refusals in excess of those by chance that are one too many: of probes of a ceiling, of calls
/// that try what nobody has tried, and of calls as were taken before.
constexpr double most_of_probes = 1;
constexpr double most_of_trials = 2;
constexpr double most_of_taken = 6;

/// The part of calls that is refused by chance is an average of so many of the last; before there
/// are as many, a few good ones count as a beginning.
constexpr std::uint32_t chance_memory = 100;
constexpr std::uint32_t good_beginning = 20;

double in_seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

/// A ceiling that was found again is the same, give or take some calls.
bool is_higher(double ceiling, double before) {
  return ceiling > 1.05 * before + 2;
}

}  // namespace

concurrency_limit::concurrency_limit(concurrency_limit_options options)
    : options_(options),
      width_(options.first),
      pause_(options.first_pause),
      chance_calls_(good_beginning),
      taken_(options.first),
      mark_(options.first),
      times_(options.slow_factor) {}

concurrency_limit::finding concurrency_limit::found() const {
  const double known = ceiling_ > 0 ? ceiling_ : std::max(taken_, begun_);
  return {static_cast<std::uint32_t>(known), ceiling_ > 0};
}

void concurrency_limit::begin(const finding& before, std::chrono::seconds age, clock_time now) {
  const double counts = std::exp2(-in_seconds(age) / in_seconds(std::chrono::hours{1}));
  width_ = std::clamp<double>(before.calls * counts, options_.first, options_.most);
  begun_ = width_;
  if (before.is_ceiling) {
    ceiling_ = std::max<double>(before.calls, 1);
    width_ = std::min(width_, ceiling_);
    speed_ = gentle_speed;
    probes_at_ = now + pause_;
  }
}

void concurrency_limit::merge(const others_finding& other, clock_time now) {
  end_settling(now);
  if (other.limit == 0 || other.shrinks < shrinks_) {
    return;
  }
  const double limit = std::min(options_.most, other.limit);
  if (other.shrinks > shrinks_) {
    width_ = limit;
    shrinks_ = other.shrinks;
    finds_ceiling_ = true;
    settle(other.has_calls ? proof : milliseconds{0}, now);
  } else if (is_settling_) {
    width_ = std::clamp<double>(other.in_flight, 1, std::min(width_, limit));
  } else {
    width_ = std::max(width_, limit);
  }
}

void concurrency_limit::sent(clock_time now) {
  end_settling(now);
  score_ = std::max(0.0, score_ - allowed_share());
}

double concurrency_limit::allowed_share() const {
  return std::max(options_.overload_share, 2 * chance_);
}

double concurrency_limit::allowed_refusals(bool is_of_probe) const {
  if (!is_of_probe) {
    return most_of_taken;
  }
  return (ceiling_ > 0 ? most_of_probes : most_of_trials) + 2 * std::min(1.0, 10 * chance_);
}

bool concurrency_limit::is_at_ceiling() const {
  return ceiling_ > 0 && width_ >= near_ceiling * ceiling_;
}

concurrency_limit::clock_time concurrency_limit::grows_at() const {
  const clock_time settled = is_settling_ ? settled_at_ : steps_at_;
  return std::max({steps_at_, settled, is_at_ceiling() ? probes_at_ : steps_at_});
}

void concurrency_limit::request_more(std::uint32_t in_flight, clock_time now) {
  end_settling(now);
  if (now < grows_at() || width_ >= options_.most || in_flight < most_used * width_) {
    return;
  }
  remember_taken(now);
  const double step = in_seconds(growth_step);
  const bool is_gentle = ceiling_ == 0 || is_at_ceiling();
  width_ *= std::exp2(step / in_seconds(options_.doubling) * (is_gentle ? speed_ : 1));
  width_ = std::min<double>(width_, options_.most);
  if (is_gentle) {
    speed_ = std::min(1.0, speed_ * std::exp2(step));
  }
  steps_at_ = now + growth_step;
}

void concurrency_limit::remember_taken(clock_time now) {
  if (now - marked_at_ >= proof) {
    taken_ = now - marked_at_ >= 2 * proof ? width_ : mark_;
    mark_ = width_;
    marked_at_ = now;
  }
}

void concurrency_limit::note(const ended_call& call, clock_time now) {
  end_settling(now);
  count_chance(call);
  if (call.is_overload) {
    note_refusal(call, now);
  } else if (times_.note(call.took, call.sent_as, value())) {
    slow_down(now);
  }
}

void concurrency_limit::count_chance(const ended_call& call) {
  if (!is_settling_ && !is_probe(call.sent_as)) {
    chance_calls_ = std::min(chance_calls_ + 1, chance_memory);
    chance_ += ((call.is_overload ? 1 : 0) - chance_) / chance_calls_;
  }
}

void concurrency_limit::note_refusal(const ended_call& call, clock_time now) {
  if (is_settling_) {
    width_ = std::clamp<double>(call.in_flight, 1, width_);
    return;
  }
  score_ += 1;
  finds_ceiling_ = is_probe(call.sent_as);
  if (score_ <= allowed_refusals(finds_ceiling_)) {
    return;
  }
  if (!finds_ceiling_) {
    ceiling_ = width_;
    width_ *= options_.decrease;
  }
  width_ = std::clamp<double>(call.in_flight, 1, std::max(1.0, width_));
  ++shrinks_;
  settle(std::clamp<std::chrono::steady_clock::duration>(call.took, proof, longest_settling), now);
}

void concurrency_limit::settle(std::chrono::steady_clock::duration time, clock_time now) {
  score_ = 0;
  is_settling_ = true;
  settled_at_ = now + time;
}

void concurrency_limit::end_settling(clock_time now) {
  if (!is_settling_ || now < settled_at_) {
    return;
  }
  is_settling_ = false;
  if (finds_ceiling_) {
    set_ceiling(now);
  } else {
    speed_ = gentle_speed;
    probes_at_ = now + pause_;
  }
  taken_ = mark_ = width_;
  marked_at_ = now;
}

void concurrency_limit::set_ceiling(clock_time now) {
  pause_ = is_higher(width_, ceiling_) ? options_.first_pause
                                       : std::min(pause_ * 2, options_.longest_pause);
  ceiling_ = width_;
  speed_ = gentle_speed;
  probes_at_ = now + pause_;
}

void concurrency_limit::slow_down(clock_time now) {
  width_ = std::max(1.0, width_ * options_.decrease);
  ++shrinks_;
  set_ceiling(now);
  // Whether it was enough is seen by the next answers.
  pause_ = std::max(pause_, std::chrono::ceil<milliseconds>(2 * times_.latest()));
  probes_at_ = now + pause_;
}

void concurrency_limit::note_outage(clock_time now) {
  width_ = std::max(width_, taken_);
  score_ = 0;
  is_settling_ = false;
  steps_at_ = now + growth_step;
}

}  // namespace stayler::policies
