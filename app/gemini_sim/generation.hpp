// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/faults/fault.hpp"
#include "app/gemini_sim/models/model_catalog.hpp"
#include "app/gemini_sim/pictures/composer.hpp"
#include "app/gemini_sim/requests/generate_request.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler::sim {

/// Tokens by direction and modality.
struct token_usage {
  std::uint64_t prompt_text = 0;
  std::uint64_t prompt_images = 0;
  std::uint64_t answer_text = 0;
  std::uint64_t answer_images = 0;
  std::uint64_t thoughts = 0;
  bool is_flex = false;

  [[nodiscard]] std::uint64_t prompt() const noexcept { return prompt_text + prompt_images; }
  [[nodiscard]] std::uint64_t answer() const noexcept { return answer_text + answer_images; }
  [[nodiscard]] std::uint64_t total() const noexcept { return prompt() + answer() + thoughts; }
};

/// Words or a picture.
struct answer_part {
  std::string text;
  picture_ptr image;  ///< null where the part is text
  bool is_thought = false;
};

/// What a GenerateContentResponse says, before it is written.
struct generation {
  std::string model_version;
  std::string response_id;
  std::vector<answer_part> parts;
  bool has_candidates = true;
  std::string finish_reason = "STOP";
  std::string finish_message;
  std::string block_reason;
  token_usage usage;
};

/// What a request's prompt costs.
token_usage prompt_usage(const generate_request& request);

/// The answer of that model, as the fault (null: none) bends it. The picture may be null where none
/// is asked for.
generation generate(
    const generate_request& request, const model& asked, picture_ptr image, const fault* bent
);

/// The answer of generateContent.
std::string to_json(const generation& answer);

/// The answer of streamGenerateContent: server-sent events, or one JSON array.
std::string to_stream(const generation& answer, bool as_events);

/// The answer of countTokens.
std::string count_to_json(const token_usage& usage);

}  // namespace stayler::sim
