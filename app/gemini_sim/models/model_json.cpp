// SPDX-License-Identifier: MIT
#include "app/gemini_sim/models/model_json.hpp"

#include "adapters/json/json_writer.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <utility>

namespace stayler::sim {

using adapters::json_writer;

namespace {

constexpr std::size_t default_page_size = 50;
constexpr std::size_t max_page_size = 1000;

void write_model(json_writer& json, const model& shown) {
  json.begin_object().field("name", "models/" + shown.name).field("version", "001");
  json.field("displayName", shown.display_name).field("description", "Simulated by gemini-sim.");
  json.field("inputTokenLimit", shown.input_token_limit);
  json.field("outputTokenLimit", shown.output_token_limit);
  json.key("supportedGenerationMethods").begin_array();
  json.value("generateContent").value("countTokens").end_array();
  json.field("temperature", 1).field("topP", 0.95).field("topK", 64).field("maxTemperature", 2);
  json.field("thinking", shown.thought_tokens != 0).end_object();
}

}  // namespace

std::string to_json(const model& shown) {
  json_writer json;
  write_model(json, shown);
  return std::move(json).text();
}

checked<std::string> list_to_json(
    const model_catalog& models,
    std::optional<std::string_view> page_size,
    std::optional<std::string_view> page_token
) {
  int size = 0;
  if (page_size) {
    size = parse_number<int>(*page_size).value_or(-1);
    if (size < 0) {
      return invalid_argument("Invalid value at 'page_size' (TYPE_INT32)");
    }
  }
  const auto wanted = size == 0 ? default_page_size : static_cast<std::size_t>(size);
  auto rest = models.all();
  if (page_token && !page_token->empty()) {
    const auto first = std::ranges::find(rest, *page_token, &model::name);
    if (first == rest.end()) {
      return invalid_argument("Invalid page token.");
    }
    rest = rest.subspan(static_cast<std::size_t>(first - rest.begin()));
  }
  const auto count = std::min({wanted, max_page_size, rest.size()});
  json_writer json;
  json.begin_object().key("models").begin_array();
  for (const auto& each : rest.first(count)) {
    write_model(json, each);
  }
  json.end_array();
  if (count < rest.size()) {
    json.field("nextPageToken", rest[count].name);
  }
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::sim
