// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/generation.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// The parts of an answer that matter, gathered in whatever order they come.
struct gemini_answer {
  /// The last picture that is no thought: the JSON string with its quotes, inside the body; empty
  /// where there is none.
  std::string_view image_token;
  std::string mime_type;
  bool has_candidate = false;
  bool is_odd = false;         ///< something of it is not what it is in the provider's answers
  std::string finish_reason;   ///< in upper case, or a number; empty where none is given
  std::string finish_message;  ///< for humans
  std::string block_reason;    ///< as finish_reason
  std::string block_message;   ///< for humans
  token_usage usage;
  std::string service_tier;  ///< "standard", "flex", ...: as the provider has billed the call
  std::string model_version;
  std::string response_id;
  bool is_error = false;   ///< it is an error in the form of Google's APIs
  std::string json_error;  ///< why it could not be read to its end; empty where it could
};

/// Reads an answer, however a gateway has spelt it: names in camelCase, snake_case or Go's
/// capitals, null or a value of another type for what is not there, one object or an array of them,
/// or an object "response" around it. What was read before the first error of the JSON is kept.
/// The answer points into `body`, and `capacity` bytes from its beginning can be read: as many as
/// simdjson needs behind its end.
gemini_answer read_gemini_answer(std::string_view body, std::size_t capacity);

}  // namespace stayler::adapters
