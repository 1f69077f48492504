// SPDX-License-Identifier: MIT
#include "app/gemini_sim/requests/message_schema.hpp"

#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace stayler::sim {

using adapters::json_value;

namespace {

using enum field_kind;

const message_type blob{"Blob", {{"mime_type", text}, {"data", text}, {"display_name", text}}};
const message_type file_data{"FileData", {{"mime_type", text}, {"file_uri", text}}};
const message_type part{
    "Part",
    {{"text", text},
     {"inline_data", message, false, &blob},
     {"file_data", message, false, &file_data},
     {"thought", boolean},
     {"thought_signature", text},
     {"function_call"},
     {"function_response"},
     {"executable_code"},
     {"code_execution_result"},
     {"video_metadata"},
     {"media_resolution"},
     {"part_metadata"}}};
const message_type content{"Content", {{"role", text}, {"parts", message, true, &part}}};
const message_type safety_setting{
    "SafetySetting",
    {{"category",
      enumeration,
      false,
      nullptr,
      {"HARM_CATEGORY_UNSPECIFIED", "HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH",
       "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT",
       "HARM_CATEGORY_CIVIC_INTEGRITY"}},
     {"threshold",
      enumeration,
      false,
      nullptr,
      {"HARM_BLOCK_THRESHOLD_UNSPECIFIED", "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE",
       "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"}}}};
const message_type thinking_config{
    "ThinkingConfig",
    {{"include_thoughts", boolean},
     {"thinking_budget", number},
     {"thinking_level",
      enumeration,
      false,
      nullptr,
      {"THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"}}}};
const message_type image_config{"ImageConfig", {{"aspect_ratio", text}, {"image_size", text}}};
const message_type generation_config{
    "GenerationConfig",
    {{"candidate_count", number},
     {"stop_sequences", text, true},
     {"max_output_tokens", number},
     {"temperature", number},
     {"top_p", number},
     {"top_k", number},
     {"seed", number},
     {"presence_penalty", number},
     {"frequency_penalty", number},
     {"response_mime_type", text},
     {"response_schema"},
     {"response_json_schema"},
     {"response_logprobs", boolean},
     {"logprobs", number},
     {"response_modalities",
      enumeration,
      true,
      nullptr,
      {"MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"}},
     {"media_resolution"},
     {"speech_config"},
     {"enable_enhanced_civic_answers", boolean},
     {"thinking_config", message, false, &thinking_config},
     {"image_config", message, false, &image_config}}};
const message_type generate_request_type{
    "GenerateContentRequest",
    {{"model", text},
     {"contents", message, true, &content},
     {"system_instruction", message, false, &content},
     {"tools"},
     {"tool_config"},
     {"safety_settings", message, true, &safety_setting},
     {"generation_config", message, false, &generation_config},
     {"cached_content", text},
     {"service_tier", enumeration, false, nullptr, {"UNSPECIFIED", "STANDARD", "FLEX", "PRIORITY"}},
     {"store", boolean}}};
const message_type count_request_type{
    "CountTokensRequest",
    {{"model", text},
     {"contents", message, true, &content},
     {"generate_content_request", message, false, &generate_request_type}}};

std::string to_camel_case(std::string_view name) {
  std::string camel;
  bool upper = false;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
    } else {
      camel += upper ? to_upper(c) : c;
      upper = false;
    }
  }
  return camel;
}

const field_type* find_field(const message_type& type, std::string_view name) {
  const auto found = std::ranges::find_if(type.fields, [&](const field_type& field) {
    return field.name == name || to_camel_case(field.name) == name;
  });
  return found == type.fields.end() ? nullptr : &*found;
}

bool is_number(const json_value& value) {
  if (const auto* digits = value.as<std::string>()) {
    return parse_number<double>(*digits).has_value();
  }
  return value.as<std::int64_t>() || value.as<std::uint64_t>() || value.as<double>();
}

bool is_one_of(const json_value& value, const std::vector<std::string_view>& names) {
  const auto* name = value.as<std::string>();
  return name != nullptr && std::ranges::any_of(names, [&](std::string_view allowed) {
           return equals_ignoring_case(*name, allowed);
         });
}

class checker {
 public:
  void check_message(const json_value& value, const message_type& type, const std::string& path) {
    const auto* members = value.as<json_value::object>();
    if (members == nullptr) {
      invalid(
          value, path, "type.googleapis.com/google.ai.generativelanguage." + std::string{type.name}
      );
      return;
    }
    for (const auto& [name, content_of] : *members) {
      if (const auto* field = find_field(type, name)) {
        std::string inner = path.empty() ? "" : path + '.';
        inner += field->name;
        check_field(content_of, *field, inner);
      } else {
        std::string text = "Invalid JSON payload received. Unknown name \"";
        text.append(name).append("\"");
        if (!path.empty()) {
          text.append(" at '").append(path).append("'");
        }
        problems_.push_back({path, text.append(": Cannot find field.")});
      }
    }
  }

  std::vector<field_problem> take() { return std::move(problems_); }

 private:
  void check_field(const json_value& value, const field_type& field, const std::string& path) {
    if (value.is_null() || (field.kind == any && !field.repeated)) {
      return;
    }
    if (!field.repeated) {
      check_one(value, field, path);
      return;
    }
    const auto* elements = value.as<json_value::array>();
    if (elements == nullptr) {
      invalid(value, path, "a repeated field");
      return;
    }
    for (std::size_t i = 0; i < elements->size(); ++i) {
      check_one((*elements)[i], field, path + '[' + std::to_string(i) + ']');
    }
  }

  void check_one(const json_value& value, const field_type& field, const std::string& path) {
    switch (field.kind) {
      case text:
        expect(value.as<std::string>() != nullptr, value, path, "TYPE_STRING");
        break;
      case number:
        expect(is_number(value), value, path, "TYPE_NUMBER");
        break;
      case boolean:
        expect(value.as<bool>() != nullptr, value, path, "TYPE_BOOL");
        break;
      case enumeration:
        expect(is_one_of(value, field.allowed_names), value, path, "TYPE_ENUM");
        break;
      case message:
        check_message(value, *field.type, path);
        break;
      case any:
        break;
    }
  }

  void expect(
      bool holds, const json_value& value, const std::string& path, std::string_view type_name
  ) {
    if (!holds) {
      invalid(value, path, type_name);
    }
  }

  void invalid(const json_value& value, const std::string& path, std::string_view type_name) {
    const auto* words = value.as<std::string>();
    const std::string found =
        words ? '"' + words->substr(0, 100) + '"' : std::string{value.type_name()};
    problems_.push_back(
        {path, fmt::format("Invalid value at '{}' ({}), {}", path, type_name, found)}
    );
  }

  std::vector<field_problem> problems_;
};

}  // namespace

const message_type& generate_content_request() noexcept {
  return generate_request_type;
}

const message_type& count_tokens_request() noexcept {
  return count_request_type;
}

std::vector<field_problem> find_problems(const json_value& value, const message_type& type) {
  checker check;
  check.check_message(value, type, "");
  return check.take();
}

const json_value* member(const json_value& object, std::string_view name) {
  const json_value* found = object.find(name);
  if (found == nullptr) {
    found = object.find(to_camel_case(name));
  }
  return found == nullptr || found->is_null() ? nullptr : found;
}

}  // namespace stayler::sim
