// SPDX-License-Identifier: MIT
#include "adapters/base64/base64.hpp"
#include "adapters/gemini/wire/gemini_answer.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/gemini/wire/provider_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

namespace ondemand = simdjson::ondemand;

struct reason_row {
  std::string_view name;
  error_class kind;
};

/// What a finish reason means where no picture came with it, except for the refusals, which hold
/// even if one did.
constexpr std::array<reason_row, 24> finish_reasons{{
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
    // By number only what is a refusal wherever reasons are numbered: the lists differ.
    {"3", error_class::safety_blocked},
    {"4", error_class::safety_blocked},
    {"7", error_class::safety_blocked},
    {"8", error_class::safety_blocked},
    {"11", error_class::safety_blocked},
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

/// The base64 itself: some gateways write a data URL, or break the lines.
std::optional<std::vector<std::byte>> decode_text(std::string_view text) {
  if (text.starts_with("data:")) {
    text.remove_prefix(std::min(text.find(',') + 1, text.size()));
  }
  return base64_decode(text);
}

/// The bytes of the picture. Its text is taken as it stands unless it has escapes, which JSON
/// allows ("\/", "\u003d") and some writers use.
std::optional<std::vector<std::byte>> decode_picture(std::string_view token) {
  const auto text = token.substr(1, token.size() - 2);
  if (text.find('\\') == std::string_view::npos) {
    return decode_text(text);
  }
  ondemand::parser parser;
  const simdjson::padded_string copy{token};
  ondemand::document document;
  std::string_view unescaped;
  if (parser.iterate(copy).get(document) != simdjson::SUCCESS
      || document.get_string().get(unescaped) != simdjson::SUCCESS) {
    return std::nullopt;  // an escape that is none
  }
  std::string on_one_line{unescaped};
  std::erase_if(on_one_line, [](char c) { return c == '\r' || c == '\n'; });
  return decode_text(on_one_line);
}

/// Whatever else is wrong with it, an answer that says that it refuses has been understood: asking
/// again would cost money and be refused again.
std::optional<failure> refusal_in(const gemini_answer& found) {
  constexpr auto refused = error_class::safety_blocked;
  if (!found.block_reason.empty()) {
    return explain(
        refused, "the prompt or its images were refused: ", found.block_reason, found.block_message
    );
  }
  if (class_of_finish(found.finish_reason) == refused) {
    return explain(refused, "no picture: ", found.finish_reason, found.finish_message);
  }
  return std::nullopt;
}

failure unexpected(std::string_view why) {
  return {
      error_class::server_error, "the answer is not the expected JSON: " + std::string{why}, {}};
}

/// Half the price is believed where the provider says so, and nowhere else.
token_usage usage_in(const gemini_answer& found) {
  token_usage usage = found.usage;
  usage.is_flex = found.service_tier == "flex";
  return usage;
}

result<generation_result> make_result(const gemini_answer& found) {
  auto bytes = decode_picture(found.image_token);
  if (!bytes || bytes->empty()) {
    return failure{error_class::server_error, "the picture's base64 is broken", {}};
  }
  generation_result picture;
  picture.image = std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
  picture.mime_type = readable(found.mime_type);
  picture.usage = usage_in(found);
  picture.model_version = readable(found.model_version);
  picture.response_id = readable(found.response_id);
  return picture;
}

}  // namespace

result<generation_result> parse_generate_response(std::string body) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  const auto found = read_gemini_answer(body, body.capacity());
  if (auto refused = refusal_in(found)) {
    return std::move(*refused);
  }
  if (!found.json_error.empty()) {
    return unexpected(found.json_error);
  }
  if (!found.image_token.empty()) {
    return make_result(found);
  }
  if (found.is_error && found.finish_reason.empty()) {
    return classify_error(http_response{200, {}, std::move(body)});
  }
  if (found.is_odd && found.finish_reason.empty()) {
    return unexpected("its fields are of other types");
  }
  return explain(
      class_of_finish(found.finish_reason), "no picture: ", found.finish_reason,
      found.finish_message
  );
}

token_usage parse_usage(std::string_view body) {
  const simdjson::padded_string copy{body};
  const std::string_view padded{copy.data(), copy.size()};
  return usage_in(read_gemini_answer(padded, padded.size() + simdjson::SIMDJSON_PADDING));
}

}  // namespace stayler::adapters
