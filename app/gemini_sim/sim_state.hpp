// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/callers/call_log.hpp"
#include "app/gemini_sim/callers/quota.hpp"
#include "app/gemini_sim/faults/fault_plan.hpp"
#include "app/gemini_sim/models/model_catalog.hpp"
#include "app/gemini_sim/pictures/composer.hpp"
#include "app/gemini_sim/sim_options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace stayler::sim {

/// What all calls share. Each part is safe from any thread.
struct sim_state {
  explicit sim_state(const sim_options& options)
      : api_keys(options.api_keys),
        models(options.models),
        faults(options.faults),
        limits(options.requests_per_minute, options.requests_per_day),
        pictures(options.pictures) {}

  const std::vector<std::string> api_keys;
  const model_catalog models;
  fault_plan faults;
  quota limits;
  composer pictures;
  call_log log;
};

}  // namespace stayler::sim
