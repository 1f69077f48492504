// SPDX-License-Identifier: MIT
#include "adapters/base64/base64.hpp"
#include "adapters/gemini/gemini_wire.hpp"
#include "adapters/gemini/provider_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

// simdjson's on-demand reader visits an answer once, front to back, and makes a string only where
// one is asked for. The picture's base64, nearly all of the answer, is therefore never copied: it
// is decoded from where it was received. Any error of the reader is thrown as simdjson_error.

namespace stayler::adapters {

namespace {

namespace ondemand = simdjson::ondemand;

/// The parts of an answer that matter, gathered in whatever order they come.
struct answer {
  std::string_view image_token;  ///< the JSON string with its quotes, inside the body; or empty
  std::string mime_type;
  bool has_candidate = false;
  std::string finish_reason;
  std::string finish_message;
  std::string block_reason;
  std::string block_message;
  token_usage usage;
  std::string model_version;
  std::string response_id;
  bool is_error = false;
};

bool is_a(ondemand::json_type wanted, ondemand::value value) {
  const ondemand::json_type type = value.type();
  return type == wanted;
}

/// Null stands for a field that is not there, as proto3 JSON has it.
bool is_absent(ondemand::value value) {
  return is_a(ondemand::json_type::null, value);
}

// Texts and counts that come with a picture are not worth losing it, which has been paid for: one
// that is not what it should be reads as none.

std::string text_of(ondemand::value value) {
  if (!is_a(ondemand::json_type::string, value)) {
    return {};
  }
  const std::string_view text = value.get_string();
  return std::string{text};
}

std::uint64_t count_of(ondemand::value value) {
  std::uint64_t count = 0;
  const bool is_count = is_a(ondemand::json_type::number, value)
                        && value.get_uint64().get(count) == simdjson::SUCCESS;
  return is_count ? count : 0;
}

/// The raw text of a JSON string, from quote to quote, as it stands in the body.
std::string_view string_token(ondemand::value value) {
  if (!is_a(ondemand::json_type::string, value)) {
    return {};
  }
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.rfind('"') + 1);
}

void read_inline_data(ondemand::value value, std::string_view& token, std::string& mime_type) {
  if (is_absent(value)) {
    return;
  }
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "data") {
      token = string_token(field.value());
    } else if (key == "mimeType") {
      mime_type = text_of(field.value());
    }
  }
}

bool is_true(ondemand::value value) {
  bool flag = false;
  return is_a(ondemand::json_type::boolean, value)
         && value.get_bool().get(flag) == simdjson::SUCCESS && flag;
}

void read_part(ondemand::value value, answer& into) {
  std::string_view token;
  std::string mime_type;
  bool is_thought = false;
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "inlineData") {
      read_inline_data(field.value(), token, mime_type);
    } else if (key == "thought") {
      is_thought = is_true(field.value());
    }
  }
  constexpr std::size_t empty_string = 2;
  if (!is_thought && into.image_token.empty() && token.size() > empty_string) {
    into.image_token = token;
    into.mime_type = std::move(mime_type);
  }
}

void read_content(ondemand::value value, answer& into) {
  if (is_absent(value)) {
    return;
  }
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "parts") {
      for (auto part : field.value().get_array()) {
        read_part(part.value(), into);
      }
    }
  }
}

/// Only the first candidate counts: image models make no more.
void read_candidates(ondemand::value value, answer& into) {
  if (is_absent(value)) {
    return;
  }
  for (auto candidate : value.get_array()) {
    if (into.has_candidate) {
      continue;
    }
    into.has_candidate = true;
    for (auto field : candidate.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key == "content") {
        read_content(field.value(), into);
      } else if (key == "finishReason") {
        into.finish_reason = text_of(field.value());
      } else if (key == "finishMessage") {
        into.finish_message = text_of(field.value());
      }
    }
  }
}

void read_feedback(ondemand::value value, answer& into) {
  if (is_absent(value)) {
    return;
  }
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "blockReason") {
      into.block_reason = text_of(field.value());
    } else if (key == "blockReasonMessage") {
      into.block_message = text_of(field.value());
    }
  }
}

/// The tokens that a list of {modality, tokenCount} counts for images.
std::uint64_t image_tokens(ondemand::value value) {
  std::uint64_t sum = 0;
  if (!is_a(ondemand::json_type::array, value)) {
    return sum;
  }
  for (auto detail : value.get_array()) {
    std::string modality;
    std::uint64_t count = 0;
    for (auto field : detail.get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key == "modality") {
        modality = text_of(field.value());
      } else if (key == "tokenCount") {
        count = count_of(field.value());
      }
    }
    sum += modality == "IMAGE" ? count : 0;
  }
  return sum;
}

void read_usage(ondemand::value value, token_usage& into) {
  if (!is_a(ondemand::json_type::object, value)) {
    return;
  }
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "promptTokenCount") {
      into.prompt_tokens = count_of(field.value());
    } else if (key == "candidatesTokenCount") {
      into.output_tokens = count_of(field.value());
    } else if (key == "thoughtsTokenCount") {
      into.thought_tokens = count_of(field.value());
    } else if (key == "totalTokenCount") {
      into.total_tokens = count_of(field.value());
    } else if (key == "promptTokensDetails") {
      into.prompt_image_tokens = image_tokens(field.value());
    } else if (key == "candidatesTokensDetails") {
      into.output_image_tokens = image_tokens(field.value());
    }
  }
}

void read_member(std::string_view key, ondemand::value value, answer& into) {
  if (key == "candidates") {
    read_candidates(value, into);
  } else if (key == "promptFeedback") {
    read_feedback(value, into);
  } else if (key == "usageMetadata") {
    read_usage(value, into.usage);
  } else if (key == "modelVersion") {
    into.model_version = text_of(value);
  } else if (key == "responseId") {
    into.response_id = text_of(value);
  } else if (key == "error") {
    into.is_error = true;
  }
}

answer read_answer(ondemand::document& document) {
  answer found;
  for (auto field : document.get_object()) {
    const std::string_view key = field.unescaped_key();
    read_member(key, field.value(), found);
  }
  return found;
}

struct reason_row {
  std::string_view name;
  error_class kind;
};

/// What a finish reason means where no picture came with it, except for the refusals, which hold
/// even if one did.
constexpr std::array<reason_row, 19> finish_reasons{{
    {"STOP", error_class::no_image},
    {"MAX_TOKENS", error_class::no_image},
    {"NO_IMAGE", error_class::no_image},
    {"IMAGE_OTHER", error_class::no_image},
    {"OTHER", error_class::no_image},
    {"SAFETY", error_class::safety_blocked},
    {"IMAGE_SAFETY", error_class::safety_blocked},
    {"PROHIBITED_CONTENT", error_class::safety_blocked},
    {"IMAGE_PROHIBITED_CONTENT", error_class::safety_blocked},
    {"BLOCKLIST", error_class::safety_blocked},
    {"SPII", error_class::safety_blocked},
    {"RECITATION", error_class::safety_blocked},
    {"IMAGE_RECITATION", error_class::safety_blocked},
    {"LANGUAGE", error_class::invalid_input},
    {"MALFORMED_RESPONSE", error_class::server_error},
    {"MALFORMED_FUNCTION_CALL", error_class::internal_bug},
    {"UNEXPECTED_TOOL_CALL", error_class::internal_bug},
    {"TOO_MANY_TOOL_CALLS", error_class::internal_bug},
    {"CONTINUATION", error_class::internal_bug},
}};

/// A reason that is newer than this table is a picture that did not come, and its name is kept.
error_class class_of_finish(std::string_view reason) {
  const auto row =
      std::find_if(finish_reasons.begin(), finish_reasons.end(), [reason](const reason_row& known) {
        return known.name == reason;
      });
  return row != finish_reasons.end() ? row->kind : error_class::no_image;
}

failure explain(
    error_class kind, std::string_view what, const std::string& reason, const std::string& said
) {
  std::string text{what};
  text += reason.empty() ? std::string{"no reason given"} : reason;
  return {kind, readable(said.empty() ? text : text + ": " + said), {}};
}

/// The bytes of the picture. Its text is taken as it stands unless it has escapes, which JSON
/// allows ("\/", "\u003d") and some writers use.
std::optional<std::vector<std::byte>> decode(std::string_view token) {
  const auto text = token.substr(1, token.size() - 2);
  if (text.find('\\') == std::string_view::npos) {
    return base64_decode(text);
  }
  ondemand::parser parser;
  const simdjson::padded_string copy{token};
  auto document = parser.iterate(copy);
  const std::string_view unescaped = document.get_string();
  return base64_decode(unescaped);
}

result<generation_result> to_result(const answer& found) {
  if (!found.block_reason.empty()) {
    return explain(
        error_class::safety_blocked, "the prompt or its images were refused: ", found.block_reason,
        found.block_message
    );
  }
  const auto kind = class_of_finish(found.finish_reason);
  if (found.image_token.empty() || kind == error_class::safety_blocked) {
    return explain(kind, "no picture: ", found.finish_reason, found.finish_message);
  }
  auto bytes = decode(found.image_token);
  if (!bytes) {
    return failure{error_class::server_error, "the picture's base64 is broken", {}};
  }
  generation_result picture;
  picture.image = std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
  picture.mime_type = readable(found.mime_type);
  picture.usage = found.usage;
  picture.model_version = readable(found.model_version);
  picture.response_id = readable(found.response_id);
  return picture;
}

}  // namespace

result<generation_result> parse_generate_response(std::string body) {
  try {
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    ondemand::parser parser;
    auto document =
        parser.iterate(simdjson::padded_string_view{body.data(), body.size(), body.capacity()});
    const auto found = read_answer(document.value());
    if (found.is_error) {
      return classify_error(http_response{200, {}, std::move(body)});
    }
    return to_result(found);
  } catch (const simdjson::simdjson_error& e) {
    return failure{
        error_class::server_error,
        std::string{"the answer is not the expected JSON: "} + e.what(),
        {}};
  }
}

token_usage parse_usage(std::string_view body) {
  try {
    ondemand::parser parser;
    const simdjson::padded_string copy{body};
    auto document = parser.iterate(copy);
    return read_answer(document.value()).usage;
  } catch (const simdjson::simdjson_error&) {
    return {};
  }
}

}  // namespace stayler::adapters
