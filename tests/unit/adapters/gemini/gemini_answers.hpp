// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// An answer with that finish reason; `parts` is the JSON of the parts, empty for none.
inline std::string answer(
    std::string_view reason, std::string_view parts, std::string_view message = {}
) {
  std::string json = R"({"candidates":[{"content":{)";
  if (!parts.empty()) {
    json += R"("role":"model","parts":[)" + std::string{parts} + "]";
  }
  json += "}";
  if (!reason.empty()) {
    json += R"(,"finishReason":")" + std::string{reason} + '"';
  }
  if (!message.empty()) {
    json += R"(,"finishMessage":")" + std::string{message} + '"';
  }
  return json + R"(,"index":0}],"modelVersion":"m","responseId":"r"})";
}

/// An error in the form of Google's APIs; `details` is the JSON of its details.
inline std::string rpc_error(
    std::uint32_t code, std::string_view status, std::string_view details = {}
) {
  std::string json =
      R"({"error":{"code":)" + std::to_string(code) + R"(,"message":"what happened")";
  if (!status.empty()) {
    json += R"(,"status":")" + std::string{status} + '"';
  }
  if (!details.empty()) {
    json += R"(,"details":[)" + std::string{details} + "]";
  }
  return json + "}}";
}

}  // namespace stayler::adapters
