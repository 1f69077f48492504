// SPDX-License-Identifier: MIT
#include "app/gemini_sim/generation.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/json/json_writer.hpp"
#include "messages/base/uuid.hpp"

#include <chrono>
#include <span>
#include <utility>

namespace stayler::sim {

using adapters::json_writer;

namespace {

constexpr std::uint64_t tokens_per_input_image = 258;

std::uint64_t text_tokens(std::string_view text) {
  return (text.size() + 3) / 4;
}

/// A picture's first bytes, and then none of a picture.
picture_ptr make_bad_image() {
  return std::make_shared<const picture>(picture{
      "image/png", adapters::base64_encode("\x89PNG\r\n\x1A\nthis is not a picture"), {}, 29});
}

void add_thoughts(generation& answer, const picture_ptr& draft) {
  answer.parts.push_back({"I lay the garment over the person and check the fit.", nullptr, true});
  if (draft != nullptr) {
    answer.parts.push_back({"", draft, true});
  }
}

void refuse(generation& answer, const fault& why) {
  answer.finish_reason = why.code.empty() ? std::string{why.kind->code} : why.code;
  answer.finish_message = why.kind->message;
}

/// True where nothing of the usual answer is left.
bool bends_answer(generation& answer, const picture_ptr& image, const fault& bent) {
  switch (bent.kind->effect) {
    case fault_effect::no_picture:
      refuse(answer, bent);
      return true;
    case fault_effect::prompt_block:
      answer.has_candidates = false;
      answer.block_reason = bent.code.empty() ? std::string{bent.kind->code} : bent.code;
      return true;
    case fault_effect::no_candidates:
      answer.has_candidates = false;
      return true;
    case fault_effect::text_only:
      answer.parts.push_back({"I can describe the outfit, but I cannot draw it.", nullptr, false});
      return true;
    case fault_effect::thought_only:
      add_thoughts(answer, image);
      return true;
    default:
      return false;
  }
}

void count_answer(generation& answer, const generate_request& request) {
  for (const auto& part : answer.parts) {
    if (part.is_thought) {
      continue;
    }
    answer.usage.answer_text += text_tokens(part.text);
    if (part.image != nullptr && request.size != nullptr) {
      answer.usage.answer_images += request.size->picture_tokens;
    }
  }
}

void write_modality(json_writer& json, std::string_view name, std::uint64_t tokens) {
  if (tokens != 0) {
    json.begin_object().field("modality", name).field("tokenCount", tokens).end_object();
  }
}

void write_details(
    json_writer& json, std::string_view name, std::uint64_t text, std::uint64_t images
) {
  json.key(name).begin_array();
  write_modality(json, "TEXT", text);
  write_modality(json, "IMAGE", images);
  json.end_array();
}

void write_usage(json_writer& json, const token_usage& usage) {
  json.key("usageMetadata").begin_object().field("promptTokenCount", usage.prompt());
  if (usage.answer() != 0) {
    json.field("candidatesTokenCount", usage.answer());
  }
  if (usage.thoughts != 0) {
    json.field("thoughtsTokenCount", usage.thoughts);
  }
  json.field("totalTokenCount", usage.total());
  write_details(json, "promptTokensDetails", usage.prompt_text, usage.prompt_images);
  if (usage.answer() != 0) {
    write_details(json, "candidatesTokensDetails", usage.answer_text, usage.answer_images);
  }
  json.field("serviceTier", usage.is_flex ? "flex" : "standard").end_object();
}

void write_part(json_writer& json, const answer_part& part) {
  json.begin_object();
  if (part.image == nullptr) {
    json.field("text", part.text);
  } else {
    json.key("inlineData").begin_object().field("mimeType", part.image->mime_type);
    json.key("data").raw('"' + part.image->base64 + '"').end_object();
  }
  if (part.is_thought) {
    json.field("thought", true);
  } else if (part.image != nullptr) {
    json.field("thoughtSignature", "c2lnbmVkIGJ5IGdlbWluaS1zaW0=");
  }
  json.end_object();
}

void write_content(json_writer& json, std::span<const answer_part> parts) {
  json.key("content").begin_object();
  if (!parts.empty()) {
    json.field("role", "model").key("parts").begin_array();
    for (const auto& part : parts) {
      write_part(json, part);
    }
    json.end_array();
  }
  json.end_object();
}

/// One response object, or one chunk of a stream; only the last has the reason and the usage.
std::string write_response(
    const generation& answer, std::span<const answer_part> parts, bool is_last
) {
  json_writer json;
  json.begin_object();
  if (answer.has_candidates) {
    json.key("candidates").begin_array().begin_object();
    write_content(json, parts);
    if (is_last) {
      json.field("finishReason", answer.finish_reason);
      if (!answer.finish_message.empty()) {
        json.field("finishMessage", answer.finish_message);
      }
    }
    json.field("index", 0).end_object().end_array();
  }
  if (!answer.block_reason.empty()) {
    json.key("promptFeedback")
        .begin_object()
        .field("blockReason", answer.block_reason)
        .end_object();
  }
  if (is_last) {
    write_usage(json, answer.usage);
  }
  json.field("modelVersion", answer.model_version).field("responseId", answer.response_id);
  json.end_object();
  return std::move(json).text();
}

}  // namespace

token_usage prompt_usage(const generate_request& request) {
  token_usage usage;
  usage.prompt_text = text_tokens(request.prompt);
  usage.prompt_images = tokens_per_input_image * request.images.size();
  usage.is_flex = request.is_flex;
  return usage;
}

generation generate(
    const generate_request& request, const model& asked, picture_ptr image, const fault* bent
) {
  generation answer;
  answer.model_version = asked.name;
  answer.response_id = to_string(make_uuid_v7(std::chrono::system_clock::now()));
  answer.usage = prompt_usage(request);
  if (bent == nullptr || !bends_answer(answer, image, *bent)) {
    const bool is_drafted = bent != nullptr && bent->kind->effect == fault_effect::draft_first;
    const bool is_bad = bent != nullptr && bent->kind->effect == fault_effect::bad_image;
    if (is_drafted || request.include_thoughts) {
      add_thoughts(answer, image);
    }
    if (request.wants_text || image == nullptr) {
      answer.parts.push_back({"Here is the picture that you asked for.", nullptr, false});
    }
    if (image != nullptr) {
      answer.parts.push_back({"", is_bad ? make_bad_image() : std::move(image), false});
    }
  }
  if (answer.has_candidates) {
    answer.usage.thoughts = request.thought_tokens;
  }
  count_answer(answer, request);
  return answer;
}

std::string to_json(const generation& answer) {
  return write_response(answer, answer.parts, true);
}

std::string to_stream(const generation& answer, bool as_events) {
  std::vector<std::string> chunks;
  for (const auto& part : answer.parts) {
    chunks.push_back(write_response(answer, {&part, 1}, false));
  }
  chunks.push_back(write_response(answer, {}, true));
  std::string body;
  for (const auto& chunk : chunks) {
    body += as_events ? "data: " + chunk + "\r\n\r\n" : (body.empty() ? "[" : ",\r\n") + chunk;
  }
  return as_events ? body : body + ']';
}

std::string count_to_json(const token_usage& usage) {
  json_writer json;
  json.begin_object().field("totalTokens", usage.prompt());
  write_details(json, "promptTokensDetails", usage.prompt_text, usage.prompt_images);
  json.end_object();
  return std::move(json).text();
}

}  // namespace stayler::sim
