// SPDX-License-Identifier: MIT
#include "adapters/outbox/outbox_rows.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/codec/byte_codec.hpp"
#include "adapters/log/log.hpp"

namespace stayler::adapters {

namespace {

/// With what a text begins that is an encrypted content in base64.
constexpr std::string_view encrypted_text = "encrypted:";

}  // namespace

using logs::notifier::log;

std::string outbox_rows::body_of(const notification& event) const {
  return cipher_.encrypt(place_of_notification(event.event_id), encode_bytes(event));
}

std::string outbox_rows::hidden_error(std::string_view event_id, const std::string& error) const {
  return error.empty() ? error : cipher_.encrypt(place_of_notification_error(event_id), error);
}

std::optional<notification> outbox_rows::read_body(std::string_view event_id, std::string_view body)
    const {
  const auto content = cipher_.decrypt(place_of_notification(event_id), body);
  if (!content) {
    log.error("a stored notification cannot be read", {{"reason", content.error().message}});
    return std::nullopt;
  }
  return decode_bytes<notification>(*content);
}

std::string outbox_rows::read_error(std::string_view event_id, std::string_view stored) const {
  if (stored.empty()) {
    return {};
  }
  auto error = cipher_.decrypt(place_of_notification_error(event_id), stored);
  return error ? *std::move(error) : error.error().message;
}

std::string outbox_rows::hidden_error_text(std::string_view event_id, const std::string& error)
    const {
  const std::string hidden = hidden_error(event_id, error);
  return is_encrypted_content(hidden) ? std::string{encrypted_text} + base64_encode(hidden)
                                      : hidden;
}

std::string outbox_rows::read_error_text(std::string_view event_id, const std::string& stored)
    const {
  const auto bytes = stored.starts_with(encrypted_text)
                         ? base64_decode(std::string_view{stored}.substr(encrypted_text.size()))
                         : std::nullopt;
  return bytes ? read_error(event_id, {reinterpret_cast<const char*>(bytes->data()), bytes->size()})
               : read_error(event_id, stored);
}

}  // namespace stayler::adapters
