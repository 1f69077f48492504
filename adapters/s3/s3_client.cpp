// SPDX-License-Identifier: MIT
#include "adapters/s3/s3_client.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/http_client/curl_http_client.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <future>
#include <random>
#include <span>
#include <thread>
#include <utility>

namespace stayler::adapters {

namespace {

using steady_clock = std::chrono::steady_clock;

/// Larger than any image that the service takes in.
constexpr std::uint64_t max_object_bytes = 2ULL << 30U;

constexpr milliseconds longest_pause{2'000};

constexpr std::size_t max_connections = 10'000;

/// Bytes as a request's body; whoever waits for the answer keeps them.
class borrowed_body final : public body_source {
 public:
  explicit borrowed_body(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

  std::size_t read(std::span<char> buffer) override {
    const auto left = bytes_.subspan(position_);
    const auto next = left.first(std::min(buffer.size(), left.size()));
    std::copy(next.begin(), next.end(), std::as_writable_bytes(buffer).begin());
    position_ += next.size();
    return next.size();
  }

  void rewind() override { position_ = 0; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

std::string name_of(const s3_call& wanted) {
  return fmt::format("S3 {} {}: ", wanted.method, wanted.key);
}

/// A try that has failed; `why` names the call.
std::variant<http_response, s3_refusal> judge(
    const s3_call& wanted, std::variant<http_response, http_error> outcome, timestamp now
) {
  if (const auto* error = std::get_if<http_error>(&outcome)) {
    const bool is_bug = error->error.kind == error_class::internal_bug;
    return s3_refusal{
        {is_bug ? error_class::internal_bug : error_class::unavailable,
         name_of(wanted) + error->error.message},
        !is_bug};
  }
  auto& answer = std::get<http_response>(outcome);
  if (answer.status < 200 || answer.status >= 300) {
    s3_refusal refused = read_s3_refusal(answer, now);
    refused.why.message.insert(0, name_of(wanted));
    return refused;
  }
  failure wrong = wanted.verify ? wanted.verify(answer) : failure{};
  if (!wrong) {
    return std::move(answer);
  }
  wrong.message.insert(0, name_of(wanted));
  return s3_refusal{std::move(wrong), true};
}

/// Between half of the pause and all of it, so that those who failed together don't return
/// together.
milliseconds with_jitter(milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return milliseconds{
      std::uniform_int_distribution<milliseconds::rep>{pause.count() / 2, pause.count()}(random)};
}

}  // namespace

s3_client::s3_client(s3_options options)
    : options_(std::move(options)),
      http_(make_curl_http_client(max_connections, {}, options_.outgoing)) {}

s3_patience s3_client::usual_patience() const {
  return {steady_clock::now() + options_.call_timeout, options_.max_tries};
}

http_request s3_client::make_request(
    const s3_call& wanted,
    const std::string& body_hash,
    const aws_credentials& signer,
    milliseconds limit
) const {
  const timestamp now = options_.clock->now();
  sigv4_request to_sign;
  to_sign.method = wanted.method;
  // Keys and prefixes are made of characters that are sent as they are.
  to_sign.path = wanted.key.empty() ? options_.where.bucket : options_.where.path + wanted.key;
  to_sign.query = wanted.query;
  to_sign.payload_hash = body_hash;
  to_sign.headers = wanted.headers;
  to_sign.headers.emplace_back("host", options_.where.host);
  to_sign.headers.emplace_back("x-amz-content-sha256", to_sign.payload_hash);
  to_sign.headers.emplace_back("x-amz-date", amz_date(now));
  if (!signer.session_token.empty()) {
    to_sign.headers.emplace_back("x-amz-security-token", signer.session_token);
  }

  http_request request;
  request.method = wanted.method;
  const std::string query = canonical_query(wanted.query);
  request.url = options_.where.base_url + to_sign.path + (query.empty() ? "" : "?" + query);
  request.headers = to_sign.headers;
  request.headers.emplace_back(
      "authorization", sigv4_authorization(to_sign, signer, {now, options_.where.region, "s3"})
  );
  if (wanted.body) {
    request.body = std::make_shared<borrowed_body>(*wanted.body);
  }
  request.timeout = limit;
  request.connect_timeout = std::min(limit, options_.connect_timeout);
  request.max_response_bytes = max_object_bytes;
  return request;
}

std::variant<http_response, http_error> s3_client::send(http_request request) {
  const auto promise = std::make_shared<std::promise<std::variant<http_response, http_error>>>();
  auto outcome = promise->get_future();
  http_->send(std::move(request), [promise](auto what) { promise->set_value(std::move(what)); });
  return outcome.get();
}

std::variant<http_response, s3_refusal> s3_client::try_once(
    const s3_call& wanted, const std::string& body_hash, const s3_patience& patience
) {
  const auto signer = options_.credentials->get(patience.deadline);
  if (!signer) {
    return s3_refusal{{signer.error().kind, name_of(wanted) + signer.error().message}};
  }
  const auto left =
      std::chrono::duration_cast<milliseconds>(patience.deadline - steady_clock::now());
  const auto limit = std::clamp(left, milliseconds{1}, options_.try_timeout);
  auto judged =
      judge(wanted, send(make_request(wanted, body_hash, *signer, limit)), options_.clock->now());
  auto* refused = std::get_if<s3_refusal>(&judged);
  if (refused != nullptr && refused->is_about_credentials) {
    refused->may_pass = options_.credentials->renew(*signer);
  }
  return judged;
}

result<http_response> s3_client::call(const s3_call& wanted, const s3_patience& patience) {
  using bytes = std::span<const std::byte>;
  const std::string body_hash =
      wanted.body_hash.empty() ? sha256_hex(wanted.body.value_or(bytes{})) : wanted.body_hash;
  milliseconds pause = options_.first_pause;
  for (std::uint32_t tries = 1;; ++tries) {
    auto judged = try_once(wanted, body_hash, patience);
    if (auto* answer = std::get_if<http_response>(&judged)) {
      return std::move(*answer);
    }
    auto& failed = std::get<s3_refusal>(judged);
    const auto wait = with_jitter(pause);
    if (!failed.may_pass || tries >= patience.max_tries
        || steady_clock::now() + wait >= patience.deadline) {
      return std::move(failed.why);
    }
    std::this_thread::sleep_for(wait);
    pause = std::min(2 * pause, longest_pause);
  }
}

}  // namespace stayler::adapters
