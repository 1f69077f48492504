// SPDX-License-Identifier: MIT
#pragma once

// The wire format of the Gemini API, generateContent only, without any I/O: what is sent, what
// comes back, and what its errors mean.

#include "adapters/http_client/http_client.hpp"
#include "messages/base/result.hpp"
#include "messages/provider/generation.hpp"
#include "messages/service/settings.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The try-on instruction for these options: one narrative text in which the first image is the
/// person and the second the garment. The user's own prompt becomes a sentence of its own, marked
/// as a wish, never part of the instruction.
std::string make_try_on_prompt(const conversion_options& options);

/// The provider's image size for a quality: "draft" and "standard" 1K, "high" 2K.
std::string image_size_for(std::string_view quality);

/// The provider's aspect ratio nearest to that picture, such as "3:4", of those that every image
/// model knows. Empty where a side is 0.
std::string nearest_aspect_ratio(std::uint32_t width, std::uint32_t height);

/// True for a ratio that the provider knows.
bool is_known_aspect_ratio(std::string_view ratio) noexcept;

/// The request body: JSON around the images, whose base64 is made while it is sent, from the bytes
/// that the images share. Nothing is copied but a small buffer.
std::shared_ptr<body_source> make_generate_body(const generation_request& request);

/// Whether the request can be sent at all: authentication where no key is configured, invalid_input
/// where there is no image or the JSON would be longer than the provider takes. To be asked before
/// a call, which would otherwise cost time and a place in the quota.
void_result check_generate_request(
    const generation_request& request, const gemini_settings& options
);

/// The whole HTTP request for one call, to the model of the options; the key is in a header and
/// nowhere else.
http_request make_generate_request(
    const generation_request& request, const gemini_settings& options, milliseconds timeout
);

/// What a 200 answer holds: the picture with its usage, or the failure that its finish reason or
/// block reason means. A picture counts unless the reason is a refusal: it has been paid for, and
/// whether it is whole shows when it is decoded. An answer that is not the expected JSON, or whose
/// base64 is broken, is a server_error.
result<generation_result> parse_generate_response(std::string body);

/// The tokens that such an answer counts, whatever else it holds; none where it is not readable.
token_usage parse_usage(std::string_view body);

/// What any other answer means, by status, google.rpc code and details, never by words.
/// `retry_after` is the greater of RetryInfo and the Retry-After header.
failure classify_error(const http_response& response);

/// What a call without an answer means.
failure classify_error(const http_error& error);

}  // namespace stayler::adapters
