// SPDX-License-Identifier: MIT
#include "app/gemini_sim/callers/call_log.hpp"

#include "adapters/json/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace stayler::sim {

using adapters::json_writer;

namespace {

constexpr std::size_t max_calls = 1000;
constexpr std::size_t max_prompt_bytes = 2000;

void write_counts(
    json_writer& json, std::string_view name, const std::map<std::string, std::uint64_t>& counts
) {
  json.key(name).begin_object();
  for (const auto& [what, count] : counts) {
    json.field(what, count);
  }
  json.end_object();
}

void write_summary(json_writer& json, const image_summary& image) {
  json.begin_object().field("mimeType", image.mime_type).field("bytes", image.bytes);
  json.field("width", image.size.width).field("height", image.size.height).end_object();
}

void write_call(json_writer& json, const call_record& call) {
  json.begin_object().field("time", to_rfc3339(call.time)).field("method", call.method);
  json.field("model", call.model).field("prompt", call.prompt).field("keyFrom", call.key_from);
  json.key("images").begin_array();
  for (const auto& image : call.images) {
    write_summary(json, image);
  }
  json.end_array().field("fault", call.fault).field("status", call.status);
  json.field("responseId", call.response_id);
  if (call.picture.bytes != 0) {
    json.key("picture");
    write_summary(json, call.picture);
  }
  json.field("totalTokens", call.usage.total()).field("milliseconds", call.took.count());
  json.end_object();
}

}  // namespace

void call_log::begin() {
  const std::lock_guard lock{mutex_};
  max_in_flight_ = std::max(max_in_flight_, ++in_flight_);
}

void call_log::end(call_record finished) {
  finished.prompt.resize(std::min(finished.prompt.size(), max_prompt_bytes));
  const std::lock_guard lock{mutex_};
  --in_flight_;
  ++by_method_[finished.method];
  ++by_status_[finished.status == 0 ? "none" : std::to_string(finished.status)];
  if (!finished.fault.empty()) {
    ++by_fault_[finished.fault];
  }
  images_ += finished.picture.bytes != 0 ? 1 : 0;
  tokens_.prompt_text += finished.usage.prompt_text;
  tokens_.prompt_images += finished.usage.prompt_images;
  tokens_.answer_text += finished.usage.answer_text;
  tokens_.answer_images += finished.usage.answer_images;
  tokens_.thoughts += finished.usage.thoughts;
  last_.push_back(std::move(finished));
  if (last_.size() > max_calls) {
    last_.pop_front();
  }
}

std::string call_log::stats_to_json(const composer_counts& composed) const {
  const std::lock_guard lock{mutex_};
  std::uint64_t total = 0;
  for (const auto& [status, count] : by_status_) {
    total += count;
  }
  // Models are also asked for, to see whether all is well, by those who want no picture yet.
  std::uint64_t generate_calls = 0;
  for (const char* method : {"generateContent", "streamGenerateContent"}) {
    const auto counted = by_method_.find(method);
    generate_calls += counted != by_method_.end() ? counted->second : 0;
  }
  json_writer json;
  json.begin_object().field("requests", total).field("generateCalls", generate_calls);
  write_counts(json, "byMethod", by_method_);
  write_counts(json, "byStatus", by_status_);
  write_counts(json, "faults", by_fault_);
  json.field("images", images_).field("composed", composed.composed);
  json.field("cacheHits", composed.cache_hits);
  json.field("inFlight", in_flight_).field("maxInFlight", max_in_flight_);
  json.key("tokens").begin_object().field("prompt", tokens_.prompt());
  json.field("candidates", tokens_.answer()).field("thoughts", tokens_.thoughts);
  json.field("total", tokens_.total()).end_object().end_object();
  return std::move(json).text();
}

std::string call_log::calls_to_json() const {
  const std::lock_guard lock{mutex_};
  json_writer json;
  json.begin_object().key("calls").begin_array();
  for (const auto& call : last_) {
    write_call(json, call);
  }
  json.end_array().end_object();
  return std::move(json).text();
}

void call_log::reset() {
  const std::lock_guard lock{mutex_};
  last_.clear();
  max_in_flight_ = in_flight_;
  images_ = 0;
  by_method_.clear();
  by_status_.clear();
  by_fault_.clear();
  tokens_ = {};
}

}  // namespace stayler::sim
