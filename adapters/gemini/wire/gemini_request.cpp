// SPDX-License-Identifier: MIT
#include "adapters/base64/base64.hpp"
#include "adapters/gemini/gemini_address.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/json/json_writer.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace stayler::adapters {

namespace {

/// Part of the documentation still speaks of 20 MB for a request with inline images.
constexpr std::uint64_t max_request_bytes = 20'000'000;

/// A 4K picture as PNG, as base64, with room to spare.
constexpr std::uint64_t max_answer_bytes = 64ULL << 20U;

/// JSON text as it stands, or image bytes that are sent as base64.
using segment = std::variant<std::string, shared_bytes>;

std::uint64_t size_of(const segment& part) {
  if (const auto* text = std::get_if<std::string>(&part)) {
    return text->size();
  }
  return base64_size(std::get<shared_bytes>(part)->size());
}

/// Writes what comes at that position of the segment; returns how much.
std::size_t copy_from(const segment& part, std::uint64_t position, std::span<char> out) {
  if (const auto* text = std::get_if<std::string>(&part)) {
    return text->copy(out.data(), out.size(), static_cast<std::size_t>(position));
  }
  return base64_encode_at(*std::get<shared_bytes>(part), position, out);
}

class segmented_body final : public body_source {
 public:
  explicit segmented_body(std::vector<segment> segments) : segments_(std::move(segments)) {
    for (const auto& part : segments_) {
      size_ += size_of(part);
    }
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }

  std::size_t read(std::span<char> buffer) override {
    std::size_t written = 0;
    while (written < buffer.size() && current_ < segments_.size()) {
      const auto& part = segments_[current_];
      const std::size_t count = copy_from(part, position_, buffer.subspan(written));
      written += count;
      position_ += count;
      if (position_ == size_of(part)) {
        ++current_;
        position_ = 0;
      }
    }
    return written;
  }

  void rewind() override {
    current_ = 0;
    position_ = 0;
  }

 private:
  std::vector<segment> segments_;
  std::uint64_t size_ = 0;
  std::size_t current_ = 0;
  std::uint64_t position_ = 0;  ///< within the current segment
};

std::string image_opening(const encoded_image& image) {
  return R"(,{"inlineData":{"mimeType":")" + std::string{mime_type_of(image.info.format)}
         + R"(","data":")";
}

std::string generation_config(const generation_request& request) {
  json_writer json;
  json.begin_object().key("responseModalities").begin_array().value("IMAGE").end_array();
  if (!request.aspect_ratio.empty() || !request.image_size.empty()) {
    json.key("imageConfig").begin_object();
    if (!request.aspect_ratio.empty()) {
      json.field("aspectRatio", request.aspect_ratio);
    }
    if (!request.image_size.empty()) {
      json.field("imageSize", request.image_size);
    }
    json.end_object();
  }
  return json.end_object().text();
}

std::vector<segment> make_segments(const generation_request& request) {
  json_writer prompt;
  prompt.begin_object().field("text", request.prompt).end_object();
  std::vector<segment> segments;
  std::string text = R"({"contents":[{"role":"user","parts":[)" + prompt.text();
  for (const auto& image : request.images) {
    if (image.bytes) {
      segments.emplace_back(std::move(text) + image_opening(image));
      segments.emplace_back(image.bytes);
      text = R"("}})";
    }
  }
  segments.emplace_back(
      std::move(text) + R"(]}],"generationConfig":)" + generation_config(request)
      + (request.can_wait ? R"(,"serviceTier":"flex"})" : "}")
  );
  return segments;
}

}  // namespace

std::shared_ptr<body_source> make_generate_body(const generation_request& request) {
  return std::make_shared<segmented_body>(make_segments(request));
}

void_result check_generate_request(
    const generation_request& request, const gemini_settings& options
) {
  if (options.api_key.empty()) {
    return failure{error_class::authentication, "no Gemini API key is configured", {}};
  }
  const bool is_complete =
      std::all_of(request.images.begin(), request.images.end(), [](const encoded_image& image) {
        return image.bytes && !image.bytes->empty();
      });
  if (request.images.empty() || !is_complete) {
    return failure{error_class::invalid_input, "an image to generate from is missing", {}};
  }
  if (const auto size = make_generate_body(request)->size(); size > max_request_bytes) {
    return failure{
        error_class::invalid_input,
        "the images are too large for one request to the provider: " + std::to_string(size)
            + " bytes of " + std::to_string(max_request_bytes),
        {}};
  }
  return ok();
}

http_request make_generate_request(
    const generation_request& request, const gemini_settings& options, milliseconds timeout
) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  http_request call;
  call.method = "POST";
  call.url = model_url(options.base_url, options.model) + ":generateContent";
  call.headers = {
      {"content-type", "application/json"},
      {"accept", "application/json"},
      {"x-goog-api-key", options.api_key},
      {"x-server-timeout", std::to_string(seconds)},
  };
  call.body = make_generate_body(request);
  call.timeout = timeout;
  call.max_response_bytes = max_answer_bytes;
  return call;
}

}  // namespace stayler::adapters
