// SPDX-License-Identifier: MIT
#include "policies/provider/model_pool.hpp"

#include "adapters/gemini/model_list.hpp"

#include <algorithm>
#include <utility>

namespace stayler::policies {

namespace {

/// Until a model that the provider did not know is asked again: it may have been a slip of its own.
constexpr std::chrono::minutes retirement{10};

}  // namespace

void model_pool::configure(const gemini_settings& config) {
  most_in_flight_ = config.max_concurrency;
  std::vector<entry> next;
  for (std::string& name : adapters::models_of(config)) {
    const auto known = std::ranges::find(models_, name, &entry::name);
    entry model = known != models_.end() ? std::move(*known) : entry{name, ++last_serial_, {}, {}};
    gemini_settings of_model = config;
    of_model.model = std::move(name);
    model.admission.configure(of_model);
    // It may have been the address that was wrong.
    model.retired_until.reset();
    next.push_back(std::move(model));
  }
  models_ = std::move(next);
}

bool model_pool::is_retired(const entry& model, clock_time now) {
  return model.retired_until && *model.retired_until > now;
}

std::size_t model_pool::serving_place(clock_time now) const {
  const auto is_well = [now](const entry& model) {
    return !is_retired(model, now) && model.admission.breaker(now) == breaker_state::closed;
  };
  if (const auto well = std::ranges::find_if(models_, is_well); well != models_.end()) {
    return static_cast<std::size_t>(well - models_.begin());
  }
  // Where all are unknown the provider says so of the first.
  const auto opens_at = [now](const entry& model) {
    return is_retired(model, now) ? clock_time::max()
           : model.admission.breaker(now) == breaker_state::half_open
               ? now
               : model.admission.reopens_at();
  };
  const auto first = std::ranges::min_element(models_, {}, opens_at);
  return static_cast<std::size_t>(first - models_.begin());
}

model_pool::entry* model_pool::find(const admitted_call& call) {
  const auto found = std::ranges::find(models_, call.serial, &entry::serial);
  return found != models_.end() ? &*found : nullptr;
}

std::optional<model_pool::admitted_call> model_pool::admit(clock_time now, timestamp date) {
  if (most_in_flight_ > 0 && in_flight() >= most_in_flight_) {
    return std::nullopt;
  }
  const std::size_t serving = serving_place(now);
  for (std::size_t i = 0; i <= serving; ++i) {
    entry& model = models_[i];
    // Before the one that serves are those with an open or half open breaker, and the unknown ones.
    if (i < serving && is_retired(model, now)) {
      continue;
    }
    if (auto call = model.admission.admit(now, date)) {
      ++model.calls;
      return admitted_call{model.name, model.serial, std::move(*call)};
    }
  }
  return std::nullopt;
}

std::optional<model_pool::closure> model_pool::closed(clock_time now, timestamp date) {
  return models_[serving_place(now)].admission.closed(now, date);
}

model_pool::clock_time model_pool::next_at(clock_time now, timestamp date) {
  return models_[serving_place(now)].admission.next_at(now, date);
}

void model_pool::end(
    const admitted_call& call, const failure& outcome, bool could_wait, clock_time now
) {
  entry* model = find(call);
  if (model == nullptr) {
    return;  // it is not configured any more
  }
  if (outcome.kind == error_class::not_found) {
    model->retired_until = now + retirement;
  } else if (!outcome) {
    model->retired_until.reset();
  }
  if (could_wait && !is_of_key(outcome.kind)) {
    model->admission.forget(call.call);
  } else {
    model->admission.end(call.call, outcome, now);
  }
}

void model_pool::forget(const admitted_call& call) {
  if (entry* model = find(call)) {
    model->admission.forget(call.call);
  }
}

peer_record model_pool::snapshot(clock_time now, timestamp date) {
  return models_.front().admission.snapshot(now, date);
}

void model_pool::merge(
    const std::vector<peer_record>& others, std::size_t rank, clock_time now, timestamp date
) {
  models_.front().admission.merge(others, rank, now, date);
}

std::vector<found_limit> model_pool::found(timestamp date) const {
  std::vector<found_limit> limits;
  for (const entry& model : models_) {
    // A model that was never asked has found nothing.
    if (model.calls > 0 || &model == &models_.front()) {
      const auto own = model.admission.found(date);
      limits.insert(limits.end(), own.begin(), own.end());
    }
  }
  return limits;
}

void model_pool::begin(const std::vector<found_limit>& before, clock_time now, timestamp date) {
  for (entry& model : models_) {
    model.admission.begin(before, now, date);
  }
}

void model_pool::request_more(clock_time now) {
  models_[serving_place(now)].admission.request_more(now);
}

provider_capacity model_pool::capacity(clock_time now, timestamp date) {
  const std::size_t serving = serving_place(now);
  provider_capacity sum = models_[serving].admission.capacity(now, date);
  for (std::size_t i = 0; i < serving; ++i) {
    entry& model = models_[i];
    if (!is_retired(model, now) && model.admission.breaker(now) == breaker_state::half_open) {
      sum.max_in_flight += model.admission.capacity(now, date).max_in_flight;
    }
  }
  return sum;
}

breaker_state model_pool::breaker(clock_time now) const {
  return models_.front().admission.breaker(now);
}

std::uint32_t model_pool::limit(clock_time now) const {
  return models_[serving_place(now)].admission.limit();
}

std::uint32_t model_pool::limit_of_all(clock_time now) const {
  return models_[serving_place(now)].admission.limit_of_all();
}

std::uint32_t model_pool::per_minute(clock_time now) const {
  return models_[serving_place(now)].admission.per_minute();
}

std::uint32_t model_pool::in_flight() const {
  std::uint32_t sum = 0;
  for (const entry& model : models_) {
    sum += model.admission.in_flight();
  }
  return sum;
}

const std::string& model_pool::serving(clock_time now) const {
  return models_[serving_place(now)].name;
}

std::vector<model_status> model_pool::status(clock_time now, timestamp date) const {
  std::vector<model_status> all;
  for (const entry& model : models_) {
    model_status shown{model.name, model.admission.breaker(now), {}, model.calls};
    if (is_retired(model, now)) {
      shown.retired_until = date + std::chrono::ceil<milliseconds>(*model.retired_until - now);
    }
    all.push_back(std::move(shown));
  }
  return all;
}

}  // namespace stayler::policies
