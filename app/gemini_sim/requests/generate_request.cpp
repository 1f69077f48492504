// SPDX-License-Identifier: MIT
#include "app/gemini_sim/requests/generate_request.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/json/json_reader.hpp"
#include "app/gemini_sim/pictures/picture_format.hpp"
#include "app/gemini_sim/requests/message_schema.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace stayler::sim {

using adapters::json_value;
using problem = std::optional<google_error>;

namespace {

constexpr std::array<std::string_view, 5> accepted_types{
    "image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"};

const std::string& text_of(const json_value* value) {
  static const std::string none;
  const auto* words = value == nullptr ? nullptr : value->as<std::string>();
  return words == nullptr ? none : *words;
}

problem read_blob(const json_value& blob, const std::string& path, generate_request& request) {
  const auto& type = text_of(member(blob, "mime_type"));
  const auto& data = text_of(member(blob, "data"));
  auto bytes = adapters::base64_decode(data);
  if (!bytes) {
    const std::string field = path + ".inline_data.data";
    return invalid_fields(
        {{field, "Invalid value at '" + field + "' (TYPE_BYTES), Base64 decoding failed for \""
                     + data.substr(0, 40) + (data.size() > 40 ? "..." : "") + '"'}}
    );
  }
  if (std::ranges::find(accepted_types, type) == accepted_types.end()) {
    return invalid_argument("Unsupported MIME type: " + (type.empty() ? "(none)" : type));
  }
  if (!is_accepted_picture(*bytes)) {
    return unreadable_picture(path + ".inline_data.data");
  }
  request.images.push_back({std::move(*bytes), type, path + ".inline_data.data"});
  return std::nullopt;
}

problem read_part(const json_value& part, const std::string& path, generate_request& request) {
  if (const auto* words = member(part, "text")) {
    request.prompt += (request.prompt.empty() ? "" : "\n") + text_of(words);
    return std::nullopt;
  }
  if (const auto* blob = member(part, "inline_data")) {
    return read_blob(*blob, path, request);
  }
  if (const auto* file = member(part, "file_data")) {
    return not_found(
        "File " + text_of(member(*file, "file_uri")) + " not found: no files are kept."
    );
  }
  const auto* members = part.as<json_value::object>();
  if (members->empty()) {
    return invalid_argument(
        "* GenerateContentRequest." + path
        + ".data: required oneof field 'data' must have one initialized field"
    );
  }
  return std::nullopt;
}

/// Fields whose absence means an empty list were checked to be lists where they are present.
const json_value::array& elements_of(const json_value* value) {
  static const json_value::array none;
  const auto* elements = value == nullptr ? nullptr : value->as<json_value::array>();
  return elements == nullptr ? none : *elements;
}

problem read_contents(const json_value& root, generate_request& request) {
  const auto& contents = elements_of(member(root, "contents"));
  if (contents.empty()) {
    return invalid_argument("* GenerateContentRequest.contents: contents is not specified");
  }
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::string path = fmt::format("contents[{}]", i);
    const auto& role = text_of(member(contents[i], "role"));
    if (!role.empty() && role != "user" && role != "model") {
      return invalid_argument("Please use a valid role: user, model.");
    }
    const auto& parts = elements_of(member(contents[i], "parts"));
    if (parts.empty()) {
      return invalid_argument(
          "* GenerateContentRequest." + path + ".parts: contents.parts must not be empty."
      );
    }
    for (std::size_t j = 0; j < parts.size(); ++j) {
      if (auto bad = read_part(parts[j], fmt::format("{}.parts[{}]", path, j), request)) {
        return bad;
      }
    }
  }
  return std::nullopt;
}

problem read_modalities(const json_value& config, const model& asked, generate_request& request) {
  const auto& modalities = elements_of(member(config, "response_modalities"));
  if (modalities.empty()) {
    return std::nullopt;
  }
  request.wants_text = request.wants_picture = false;
  for (const auto& entry : modalities) {
    const std::string name = to_upper(text_of(&entry));
    request.wants_text |= name == "TEXT";
    request.wants_picture |= name == "IMAGE";
    if (name == "AUDIO" || (name == "IMAGE" && !asked.makes_pictures())) {
      return invalid_argument(
          "The requested combination of response modalities (" + name
          + ") is not supported by the model. models/" + asked.name + " accepts: TEXT"
          + (asked.makes_pictures() ? ", IMAGE." : ".")
      );
    }
  }
  return std::nullopt;
}

problem read_image_config(const json_value& config, const model& asked, generate_request& request) {
  const auto* image = member(config, "image_config");
  if (image == nullptr) {
    return std::nullopt;
  }
  const std::string where = "* GenerateContentRequest.generation_config.image_config.";
  if (!asked.makes_pictures()) {
    return invalid_argument("Image config is not supported by models/" + asked.name + '.');
  }
  if (const auto& ratio = text_of(member(*image, "aspect_ratio")); !ratio.empty()) {
    request.ratio = asked.find_ratio(ratio);
    if (request.ratio == nullptr) {
      return invalid_argument(
          where + "aspect_ratio: \"" + ratio + "\" is not supported by models/" + asked.name
          + ". Must be one of: " + asked.ratio_names()
      );
    }
  }
  if (const auto& size = text_of(member(*image, "image_size")); !size.empty()) {
    request.size = asked.find_size(size);
    if (request.size == nullptr) {
      return invalid_argument(
          where + "image_size: \"" + size + "\" is not supported by models/" + asked.name
      );
    }
  }
  return std::nullopt;
}

void read_thinking(const json_value& config, generate_request& request) {
  const auto* thinking = member(config, "thinking_config");
  if (thinking == nullptr) {
    return;
  }
  const std::string level = to_upper(text_of(member(*thinking, "thinking_level")));
  if (level == "MINIMAL") {
    request.thought_tokens = 0;
  } else if (level == "HIGH") {
    request.thought_tokens *= 2;
  }
  const auto* include = member(*thinking, "include_thoughts");
  request.include_thoughts = include != nullptr && *include->as<bool>();
}

problem read_config(const json_value& config, const model& asked, generate_request& request) {
  const auto* candidates = member(config, "candidate_count");
  const auto* count = candidates == nullptr ? nullptr : candidates->as<std::int64_t>();
  if (count != nullptr && *count > 1) {
    return invalid_argument("Multiple candidates is not enabled for models/" + asked.name);
  }
  const auto& mime_type = text_of(member(config, "response_mime_type"));
  if (asked.makes_pictures() && !mime_type.empty() && mime_type != "text/plain") {
    return invalid_argument("JSON mode is not enabled for models/" + asked.name);
  }
  if (auto bad = read_modalities(config, asked, request)) {
    return bad;
  }
  read_thinking(config, request);
  return read_image_config(config, asked, request);
}

checked<json_value> parse_message(std::string_view body, const message_type& type) {
  if (body.size() > max_request_bytes) {
    return invalid_argument(
        fmt::format("Request payload size exceeds the limit: {} bytes.", max_request_bytes)
    );
  }
  auto root = adapters::parse_json(body.empty() ? "{}" : body);
  if (!root) {
    return invalid_fields({{"", "Invalid JSON payload received. " + root.error().message}});
  }
  if (auto problems = find_problems(*root, type); !problems.empty()) {
    return invalid_fields(problems);
  }
  return std::move(*root);
}

checked<generate_request> read_message(const json_value& root, const model& asked) {
  generate_request request;
  request.wants_picture = asked.makes_pictures();
  request.size = asked.sizes.empty() ? nullptr : asked.sizes.data();
  request.thought_tokens = asked.thought_tokens;
  if (auto bad = read_contents(root, request)) {
    return std::move(*bad);
  }
  if (request.images.size() > asked.max_images) {
    return invalid_argument(
        fmt::format("models/{} accepts at most {} images.", asked.name, asked.max_images)
    );
  }
  const auto* tools = member(root, "tools");
  if (const auto* list = tools ? tools->as<json_value::array>() : nullptr) {
    if (asked.makes_pictures() && std::ranges::any_of(*list, [](const json_value& tool) {
          return member(tool, "function_declarations") != nullptr;
        })) {
      return invalid_argument("Function calling is not enabled for models/" + asked.name);
    }
  }
  request.is_flex = to_upper(text_of(member(root, "service_tier"))) == "FLEX";
  if (const auto* config = member(root, "generation_config")) {
    if (auto bad = read_config(*config, asked, request)) {
      return std::move(*bad);
    }
  }
  return request;
}

}  // namespace

checked<generate_request> read_generate_request(std::string_view body, const model& asked) {
  auto root = parse_message(body, generate_content_request());
  if (auto* bad = std::get_if<google_error>(&root)) {
    return std::move(*bad);
  }
  return read_message(std::get<json_value>(root), asked);
}

checked<generate_request> read_count_request(std::string_view body, const model& asked) {
  auto root = parse_message(body, count_tokens_request());
  if (auto* bad = std::get_if<google_error>(&root)) {
    return std::move(*bad);
  }
  const auto& message = std::get<json_value>(root);
  const auto* inner = member(message, "generate_content_request");
  return read_message(inner == nullptr ? message : *inner, asked);
}

}  // namespace stayler::sim
