// SPDX-License-Identifier: MIT
#include "app/gemini_sim/faults/fault_plan.hpp"

#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace stayler::sim {

namespace {

constexpr std::string_view marker_begin = "[[sim:";
constexpr std::string_view marker_end = "]]";
constexpr std::size_t max_prompts = 100'000;

/// `[[sim:KIND]]`, `[[sim:KIND x2]]`, `[[sim:KIND retry=2s]]`.
struct marker {
  fault what;
  std::size_t count = 0;  ///< 0: not said
};

result<marker> parse_marker(std::string_view text) {
  const auto next_word = [&text] {
    const auto begin = std::min(text.find_first_not_of(' '), text.size());
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto word = text.substr(begin, end - begin);
    text.remove_prefix(end);
    return word;
  };
  auto what = parse_fault(next_word());
  if (!what) {
    return what.error();
  }
  marker parsed{*what, 0};
  for (auto word = next_word(); !word.empty(); word = next_word()) {
    if (word.starts_with("retry=")) {
      const auto delay = parse_duration(word.substr(6));
      if (!delay) {
        return delay.error();
      }
      parsed.what.retry_delay = *delay;
      continue;
    }
    parsed.count = parse_number<std::size_t>(word.substr(1)).value_or(0);
    if (word[0] != 'x' || parsed.count == 0) {
      return failure{
          error_class::invalid_input,
          "a marker reads [[sim:KIND]], [[sim:KIND x2]] or [[sim:KIND retry=2s]], not \""
              + std::string{word} + '"'};
    }
  }
  return parsed;
}

result<std::vector<marker>> parse_markers(std::string_view prompt) {
  std::vector<marker> markers;
  for (auto at = prompt.find(marker_begin); at != std::string_view::npos;
       at = prompt.find(marker_begin)) {
    prompt.remove_prefix(at + marker_begin.size());
    auto parsed = parse_marker(prompt.substr(0, prompt.find(marker_end)));
    if (!parsed) {
      return parsed.error();
    }
    markers.push_back(*std::move(parsed));
  }
  // A single marker without a number always holds; several take turns.
  for (auto& each : markers) {
    if (each.count == 0) {
      each.count = markers.size() == 1 ? std::numeric_limits<std::size_t>::max() : 1;
    }
  }
  return markers;
}

bool matches(const fault_order& order, const fault_question& question) {
  return (order.all_calls || question.generates)
         && (order.model.empty() || order.model == question.model)
         && question.prompt.find(order.prompt_contains) != std::string_view::npos;
}

}  // namespace

fault_plan::fault_plan(fault_plan_options options)
    : options_(std::move(options)), chance_(options_.seed) {}

result<std::optional<fault>> fault_plan::decide(const fault_question& question) {
  if (!question.header.empty()) {
    auto marker_in_header = parse_marker(question.header);
    if (!marker_in_header) {
      return marker_in_header.error();
    }
    return std::optional{marker_in_header->what};
  }
  const std::lock_guard lock{mutex_};
  auto marked = from_markers(question.prompt);
  if (!marked || marked->has_value()) {
    return marked;
  }
  if (auto ordered = from_orders(question)) {
    return ordered;
  }
  return from_chance();
}

result<std::optional<fault>> fault_plan::from_markers(std::string_view prompt) {
  const auto markers = parse_markers(prompt);
  if (!markers) {
    return markers.error();
  }
  if (markers->empty()) {
    return std::optional<fault>{};
  }
  if (calls_by_prompt_.size() >= max_prompts) {
    calls_by_prompt_.clear();
  }
  std::size_t call = calls_by_prompt_[std::hash<std::string_view>{}(prompt)]++;
  for (const auto& each : *markers) {
    if (call < each.count) {
      return std::optional{each.what};
    }
    call -= each.count;
  }
  return std::optional<fault>{};
}

std::optional<fault> fault_plan::from_orders(const fault_question& question) {
  const auto order = std::ranges::find_if(orders_, [&](const fault_order& candidate) {
    return matches(candidate, question);
  });
  if (order == orders_.end()) {
    return std::nullopt;
  }
  const fault what = order->what;
  if (order->count == 1) {
    orders_.erase(order);
  } else if (order->count > 1) {
    --order->count;
  }
  return what;
}

std::optional<fault> fault_plan::from_chance() {
  if (options_.rate <= 0 || options_.kinds.empty()
      || std::uniform_real_distribution<>{0, 1}(chance_) >= options_.rate) {
    return std::nullopt;
  }
  std::uniform_int_distribution<std::size_t> pick{0, options_.kinds.size() - 1};
  return options_.kinds[pick(chance_)];
}

milliseconds fault_plan::draw_latency() {
  if (options_.latency_min == options_.latency_max) {
    return options_.latency_min;
  }
  const std::lock_guard lock{mutex_};
  std::uniform_int_distribution<milliseconds::rep> pick{
      options_.latency_min.count(), options_.latency_max.count()};
  return milliseconds{pick(chance_)};
}

void fault_plan::add(fault_order order) {
  const std::lock_guard lock{mutex_};
  orders_.push_back(std::move(order));
}

std::vector<fault_order> fault_plan::orders() const {
  const std::lock_guard lock{mutex_};
  return {orders_.begin(), orders_.end()};
}

void fault_plan::clear() {
  const std::lock_guard lock{mutex_};
  orders_.clear();
}

void fault_plan::reset() {
  const std::lock_guard lock{mutex_};
  orders_.clear();
  calls_by_prompt_.clear();
  chance_.seed(options_.seed);
}

}  // namespace stayler::sim
