// SPDX-License-Identifier: MIT
#include "adapters/s3/credentials/credentials_call.hpp"

#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/json/json_reader.hpp"
#include "messages/base/text.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <utility>
#include <variant>

namespace stayler::adapters {

namespace {

using namespace std::chrono_literals;

std::string text_of(const json_value& document, std::string_view name) {
  const json_value* member = document.find(name);
  const auto* text = member == nullptr ? nullptr : member->as<std::string>();
  return text == nullptr ? std::string{} : *text;
}

}  // namespace

credentials_call::credentials_call(
    std::string who, const outgoing_calls& outgoing, std::stop_token stop
)
    : who_(std::move(who)),
      stop_(std::move(stop)),
      client_(make_curl_http_client(1, {}, outgoing)) {}

result<std::string> credentials_call::body_of(http_request request) {
  using outcome = std::variant<http_response, http_error>;
  request.timeout = 5s;
  request.connect_timeout = 2s;
  const auto promise = std::make_shared<std::promise<outcome>>();
  auto answered = promise->get_future();
  const auto ticket = client_->send(std::move(request), [promise](outcome what) {
    promise->set_value(std::move(what));
  });
  const std::stop_callback ender{stop_, [this, ticket] { client_->cancel(ticket); }};
  auto what = answered.get();
  if (const auto* error = std::get_if<http_error>(&what)) {
    return failed(error->error.message);
  }
  auto& answer = std::get<http_response>(what);
  if (answer.status != 200) {
    return failed("status " + std::to_string(answer.status));
  }
  return std::move(answer.body);
}

failure credentials_call::failed(std::string_view why) const {
  return {error_class::unavailable, who_ + ": " + std::string{why}};
}

result<issued_credentials> credentials_call::read_json(std::string_view body) const {
  const auto document = parse_json(body);
  if (!document) {
    return failed("the answer is no JSON");
  }
  // EC2 says "Success" beside a key, and something else instead of one.
  if (const std::string code = text_of(*document, "Code"); !code.empty() && code != "Success") {
    return failed("no key is given out for the role");
  }
  return checked(
      {text_of(*document, "AccessKeyId"), text_of(*document, "SecretAccessKey"),
       text_of(*document, "Token")},
      text_of(*document, "Expiration")
  );
}

result<issued_credentials> credentials_call::checked(
    aws_credentials key, std::string_view expires_at
) const {
  if (key.access_key_id.empty() || key.secret_access_key.empty()
      || !is_visible(key.access_key_id + key.secret_access_key + key.session_token)) {
    return failed("the answer has no key");
  }
  const auto end = parse_rfc3339(expires_at);
  if (!end && !expires_at.empty()) {
    return failed("the answer does not say when the key ends");
  }
  return issued_credentials{std::move(key), end};
}

}  // namespace stayler::adapters
