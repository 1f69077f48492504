// SPDX-License-Identifier: MIT
#include "adapters/gemini/model_list.hpp"

#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::adapters {

bool is_model_name(std::string_view text) {
  return !text.empty() && is_alphanumeric(text, "._-");
}

result<std::vector<std::string>> read_model_names(std::string_view text) {
  constexpr std::size_t most = 8;
  const auto refused = [](const char* why) { return failure{error_class::invalid_input, why, {}}; };
  std::vector<std::string> names;
  const bool ends_in_comma = text.ends_with(',');
  while (!text.empty()) {
    const std::string_view name = take_until(text, ",");
    if (!is_model_name(name)) {
      return refused("one of them is no model's name");
    }
    if (std::ranges::find(names, name) != names.end()) {
      return refused("a model is there twice");
    }
    names.emplace_back(name);
  }
  if (ends_in_comma) {
    return refused("there is no name behind the last comma");
  }
  if (names.size() > most) {
    return refused("there are more than eight");
  }
  return names;
}

std::vector<std::string> models_of(const gemini_settings& config) {
  std::vector<std::string> models{config.model};
  if (const auto others = read_model_names(config.fallback_models)) {
    for (const std::string& name : *others) {
      if (name != config.model) {
        models.push_back(name);
      }
    }
  }
  return models;
}

}  // namespace stayler::adapters
