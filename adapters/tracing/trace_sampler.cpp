// SPDX-License-Identifier: MIT
#include "adapters/tracing/trace_sampler.hpp"

#include "adapters/tracing/span.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

namespace {

constexpr std::string_view by_caller = "parentbased_";
constexpr std::array<std::string_view, 3> rules{"always_on", "always_off", "traceidratio"};

constexpr std::uint64_t all_traces = std::uint64_t{1} << 63U;

std::string_view rule_of(std::string_view name) noexcept {
  return name.starts_with(by_caller) ? name.substr(by_caller.size()) : name;
}

std::uint64_t bound_of(std::string_view rule, double ratio) noexcept {
  if (rule == "always_on" || ratio >= 1) {
    return rule == "always_off" ? 0 : all_traces;
  }
  return rule == "always_off" || ratio <= 0
             ? 0
             : static_cast<std::uint64_t>(ratio * static_cast<double>(all_traces));
}

}  // namespace

trace_sampler::trace_sampler(std::string_view name, double ratio)
    : follows_caller_(name.starts_with(by_caller)), bound_(bound_of(rule_of(name), ratio)) {}

bool trace_sampler::knows(std::string_view name) noexcept {
  return std::ranges::find(rules, rule_of(name)) != rules.end();
}

trace_context trace_sampler::admit(const std::optional<trace_context>& of_caller) const {
  trace_context place = of_caller.value_or(trace_context{});
  if (!of_caller) {
    place.trace_id = new_trace_id();
  }
  place.is_sampled = of_caller && follows_caller_ ? place.is_sampled : takes(place.trace_id);
  return place;
}

bool trace_sampler::takes(const uuid& trace_id) const noexcept {
  std::uint64_t last = 0;
  for (std::size_t i = 8; i < trace_id.bytes.size(); ++i) {
    last = (last << 8U) | trace_id.bytes[i];
  }
  return (last >> 1U) < bound_;
}

}  // namespace stayler::adapters
