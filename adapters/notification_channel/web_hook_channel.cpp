// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/web_hook_channel.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/http_client/http_client.hpp"
#include "adapters/notification_channel/notification_json.hpp"
#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

/// The key that a secret spells: see web_hook_options.
std::string key_of(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  if (secret.starts_with(prefix)) {
    if (const auto bytes = base64_decode(secret.substr(prefix.size()))) {
      return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
    }
  }
  return std::string{secret};
}

/// What an answer's status means; only a failure that a later try can mend is retryable.
error_class class_of(std::uint32_t status) {
  switch (status) {
    case 401:
      return error_class::authentication;
    case 403:
      return error_class::permission;
    case 404:
    case 410:
      return error_class::not_found;
    case 408:
      return error_class::timeout;
    case 429:
      return error_class::rate_limited;
    default:
      return status >= 500 ? error_class::unavailable : error_class::invalid_input;
  }
}

/// Seconds only: the date form is not worth its parser here, the outbox has delays of its own.
milliseconds retry_after(const http_response& response) {
  constexpr std::uint32_t a_day = 24 * 3'600;
  const auto seconds = parse_number<std::uint32_t>(response.header("retry-after"));
  return std::chrono::seconds{std::min(seconds.value_or(0), a_day)};
}

void_result to_result(const std::variant<http_response, http_error>& outcome) {
  if (const auto* error = std::get_if<http_error>(&outcome)) {
    return error->error;
  }
  const auto& response = std::get<http_response>(outcome);
  if (response.status >= 200 && response.status < 300) {
    return ok();
  }
  return failure{
      class_of(response.status), "the web hook answered " + std::to_string(response.status),
      retry_after(response)};
}

class web_hook_channel final : public notification_channel {
 public:
  web_hook_channel(http_client& client, web_hook_options options)
      : client_(client), options_(std::move(options)), key_(key_of(options_.secret)) {}

  void deliver(const notification& event, completion done) override {
    client_.send(make_request(event), [done = std::move(done)](const auto& outcome) {
      done(to_result(outcome));
    });
  }

  [[nodiscard]] std::string name() const override { return "webhook"; }

 private:
  /// The timestamp is that of this delivery, not of the event: receivers refuse old ones, so that
  /// a recorded request cannot be played again.
  [[nodiscard]] http_request make_request(const notification& event) const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    auto body = to_json(event);
    http_request request;
    request.method = "POST";
    request.url = options_.url;
    request.timeout = options_.timeout;
    request.headers = {
        {"content-type", "application/json"},
        {"webhook-id", event.event_id},
        {"webhook-timestamp", seconds},
    };
    if (!options_.secret.empty()) {
      const auto signed_text = event.event_id + '.' + seconds + '.' + body;
      request.headers.emplace_back(
          "webhook-signature", "v1," + base64_encode(hmac_sha256(key_, signed_text))
      );
    }
    request.body = make_string_body(std::move(body));
    return request;
  }

  http_client& client_;
  web_hook_options options_;
  std::string key_;
};

}  // namespace

std::unique_ptr<notification_channel> make_web_hook_channel(
    http_client& client, web_hook_options options
) {
  return std::make_unique<web_hook_channel>(client, std::move(options));
}

}  // namespace stayler::adapters
