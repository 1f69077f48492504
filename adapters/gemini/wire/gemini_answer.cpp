// SPDX-License-Identifier: MIT
#include "adapters/gemini/wire/gemini_answer.hpp"

#include "messages/base/text.hpp"

#include <simdjson.h>

#include <utility>

// simdjson's on-demand reader visits an answer once, front to back, and makes a string only where
// one is asked for. The picture's base64, nearly all of the answer, is therefore never copied: it
// is decoded from where it was received. Any error of the reader is thrown as simdjson_error.
//
// A call is paid for once the provider has answered, so that nothing here may make an error of an
// answer that says what became of it: what is of no use is passed over.

namespace stayler::adapters {

namespace {

namespace ondemand = simdjson::ondemand;

bool is_a(ondemand::json_type wanted, ondemand::value value) {
  const ondemand::json_type type = value.type();
  return type == wanted;
}

/// Null stands for a field that is not there, as proto3 JSON has it.
bool is_absent(ondemand::value value) {
  return is_a(ondemand::json_type::null, value);
}

/// True for that name in camelCase, in snake_case, or as Go writes a field without a tag.
bool is_named(std::string_view key, std::string_view camel_case) {
  std::size_t at = 0;
  for (const char c : key) {
    if (c == '_') {
      continue;
    }
    if (at == camel_case.size() || to_lower(c) != to_lower(camel_case[at])) {
      return false;
    }
    ++at;
  }
  return at == camel_case.size();
}

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

/// The name of a reason: "IMAGE_SAFETY", also from "FinishReason.IMAGE_SAFETY" and "image_safety",
/// or its number, as libraries write that keep enumerations as such. Nothing for "unspecified",
/// which is what proto3 calls a field that is not there.
std::string reason_of(ondemand::value value) {
  if (const auto number = count_of(value); number != 0) {
    return std::to_string(number);
  }
  std::string reason = to_upper(text_of(value));
  reason.erase(0, reason.rfind('.') + 1);
  return reason.ends_with("_UNSPECIFIED") ? std::string{} : reason;
}

bool is_true(ondemand::value value) {
  bool flag = false;
  return is_a(ondemand::json_type::boolean, value)
         && value.get_bool().get(flag) == simdjson::SUCCESS && flag;
}

/// The raw text of a JSON string, from quote to quote, as it stands in the body.
std::string_view string_token(ondemand::value value) {
  if (!is_a(ondemand::json_type::string, value)) {
    return {};
  }
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.rfind('"') + 1);
}

/// Calls `visit` with the name and the value of each field. What is neither an object nor absent is
/// odd, and has none.
template <class Visit>
void for_each_field(ondemand::value value, gemini_answer& into, Visit visit) {
  if (!is_a(ondemand::json_type::object, value)) {
    into.is_odd = into.is_odd || !is_absent(value);
    return;
  }
  for (auto field : value.get_object()) {
    const std::string_view key = field.unescaped_key();
    visit(key, field.value());
  }
}

/// The same for the elements of an array.
template <class Visit>
void for_each_element(ondemand::value value, gemini_answer& into, Visit visit) {
  if (!is_a(ondemand::json_type::array, value)) {
    into.is_odd = into.is_odd || !is_absent(value);
    return;
  }
  for (auto element : value.get_array()) {
    visit(element.value());
  }
}

/// A picture's type, or none: some gateways leave it out.
bool may_be_picture(std::string_view mime_type) {
  return mime_type.empty() || starts_with_ignoring_case(mime_type, "image/");
}

// Thinking models may show drafts. One is never taken for the picture, even where there is no
// other: nobody has checked it for what the provider refuses to show. Of several pictures the last
// is taken: some gateways drop the flag, and drafts come first.
void read_part(ondemand::value value, gemini_answer& into) {
  std::string_view token;
  std::string mime_type;
  bool is_thought = false;
  for_each_field(value, into, [&](std::string_view key, ondemand::value member) {
    if (is_named(key, "thought")) {
      is_thought = is_true(member);
    } else if (is_named(key, "inlineData")) {
      for_each_field(member, into, [&](std::string_view name, ondemand::value data) {
        if (is_named(name, "data")) {
          token = string_token(data);
        } else if (is_named(name, "mimeType")) {
          mime_type = text_of(data);
        }
      });
    }
  });
  constexpr std::size_t empty_string = 2;
  if (!is_thought && token.size() > empty_string && may_be_picture(mime_type)) {
    into.image_token = token;
    into.mime_type = std::move(mime_type);
  }
}

void read_content(ondemand::value value, gemini_answer& into) {
  for_each_field(value, into, [&](std::string_view key, ondemand::value member) {
    if (is_named(key, "parts")) {
      for_each_element(member, into, [&](ondemand::value part) { read_part(part, into); });
    }
  });
}

void read_candidate(ondemand::value value, gemini_answer& into) {
  for_each_field(value, into, [&](std::string_view key, ondemand::value member) {
    if (is_named(key, "content")) {
      read_content(member, into);
    } else if (is_named(key, "finishReason")) {
      if (auto reason = reason_of(member); !reason.empty()) {
        into.finish_reason = std::move(reason);
      }
    } else if (is_named(key, "finishMessage")) {
      into.finish_message = text_of(member);
    }
  });
}

/// Only the first candidate counts: image models make no more.
void read_candidates(ondemand::value value, gemini_answer& into) {
  bool is_first = true;
  for_each_element(value, into, [&](ondemand::value candidate) {
    if (is_first && !is_absent(candidate)) {
      is_first = false;
      into.has_candidate = true;
      read_candidate(candidate, into);
    }
  });
}

void read_feedback(ondemand::value value, gemini_answer& into) {
  for_each_field(value, into, [&](std::string_view key, ondemand::value member) {
    if (is_named(key, "blockReason")) {
      into.block_reason = reason_of(member);
    } else if (is_named(key, "blockReasonMessage")) {
      into.block_message = text_of(member);
    }
  });
}

/// The tokens that a list of {modality, tokenCount} counts for images.
std::uint64_t image_tokens(ondemand::value value) {
  gemini_answer unused;
  std::uint64_t sum = 0;
  for_each_element(value, unused, [&](ondemand::value detail) {
    std::string modality;
    std::uint64_t count = 0;
    for_each_field(detail, unused, [&](std::string_view key, ondemand::value member) {
      if (is_named(key, "modality")) {
        modality = reason_of(member);
      } else if (is_named(key, "tokenCount")) {
        count = count_of(member);
      }
    });
    sum += modality == "IMAGE" ? count : 0;
  });
  return sum;
}

// Counts that are not what they should be read as none: they come with a picture, which has been
// paid for.
void read_usage(ondemand::value value, gemini_answer& into) {
  gemini_answer unused;
  token_usage& usage = into.usage;
  for_each_field(value, unused, [&](std::string_view key, ondemand::value member) {
    if (is_named(key, "promptTokenCount")) {
      usage.prompt_tokens = count_of(member);
    } else if (is_named(key, "candidatesTokenCount")) {
      usage.output_tokens = count_of(member);
    } else if (is_named(key, "thoughtsTokenCount")) {
      usage.thought_tokens = count_of(member);
    } else if (is_named(key, "totalTokenCount")) {
      usage.total_tokens = count_of(member);
    } else if (is_named(key, "promptTokensDetails")) {
      usage.prompt_image_tokens = image_tokens(member);
    } else if (is_named(key, "candidatesTokensDetails")) {
      usage.output_image_tokens = image_tokens(member);
    } else if (is_named(key, "serviceTier")) {
      into.service_tier = to_lower(text_of(member));
    }
  });
}

/// An error, and not just the place for one.
bool is_error(ondemand::value value) {
  return is_a(ondemand::json_type::object, value) || !text_of(value).empty();
}

void read_member(std::string_view key, ondemand::value value, gemini_answer& into) {
  if (is_named(key, "candidates")) {
    read_candidates(value, into);
  } else if (is_named(key, "promptFeedback")) {
    read_feedback(value, into);
  } else if (is_named(key, "usageMetadata")) {
    read_usage(value, into);
  } else if (is_named(key, "modelVersion")) {
    into.model_version = text_of(value);
  } else if (is_named(key, "responseId")) {
    into.response_id = text_of(value);
  } else if (key == "error") {
    into.is_error = is_error(value);
  }
}

void read_response(ondemand::value value, gemini_answer& into) {
  for_each_field(value, into, [&](std::string_view key, ondemand::value member) {
    if (key == "response" && is_a(ondemand::json_type::object, member)) {
      for_each_field(member, into, [&](std::string_view name, ondemand::value inner) {
        read_member(name, inner, into);
      });
    } else {
      read_member(key, member, into);
    }
  });
}

void read_document(ondemand::document& document, gemini_answer& into) {
  const ondemand::json_type type = document.type();
  if (type == ondemand::json_type::object) {
    const ondemand::value whole = document.get_value();
    read_response(whole, into);
    return;
  }
  into.is_odd = true;
  if (type == ondemand::json_type::array) {
    // What would have been a stream without SSE.
    const ondemand::value whole = document.get_value();
    for_each_element(whole, into, [&](ondemand::value chunk) {
      into.is_odd = false;
      read_response(chunk, into);
    });
  }
}

}  // namespace

gemini_answer read_gemini_answer(std::string_view body, std::size_t capacity) {
  gemini_answer found;
  try {
    ondemand::parser parser;
    auto document =
        parser.iterate(simdjson::padded_string_view{body.data(), body.size(), capacity});
    read_document(document.value(), found);
  } catch (const simdjson::simdjson_error& e) {
    found.json_error = e.what();
  }
  return found;
}

}  // namespace stayler::adapters
