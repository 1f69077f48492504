// SPDX-License-Identifier: MIT
#include "adapters/image_source/web_image_source.hpp"

#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/http_client/http_client.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/log/log.hpp"
#include "adapters/url_rules/public_address.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::images::log;
using steady_clock = std::chrono::steady_clock;

constexpr std::size_t max_connections = 64;

/// One picture on its way.
struct download {
  std::string url;
  std::string host;  ///< that the job named; a redirect may lead to others
  steady_clock::time_point deadline;
  std::uint32_t redirects = 0;
  image_source::completion done;
};
using shared_download = std::shared_ptr<download>;

bool is_redirect(std::uint32_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

error_class class_of(std::uint32_t status) {
  switch (status) {
    case 401:
    case 403:
      return error_class::permission;
    case 404:
    case 410:
      return error_class::not_found;
    case 408:
      return error_class::timeout;
    case 429:
      return error_class::unavailable;
    default:
      return status >= 500 ? error_class::unavailable : error_class::invalid_input;
  }
}

error_class class_of(const http_error& error) {
  if (error.was_too_long) {
    return error_class::invalid_input;
  }
  const auto kind = error.error.kind;
  const bool is_broken = kind == error_class::server_error || kind == error_class::cancelled;
  return is_broken ? error_class::unavailable : kind;
}

address_rule connection_rule(const url_rules& rules) {
  return rules.allows_private ? address_rule{} : address_rule{is_public_address};
}

/// What may be told of a failure: whoever names a URL learns nothing of what lies behind it, and
/// may not be allowed to see.
std::string_view plain_reason(error_class kind) {
  switch (kind) {
    case error_class::timeout:
      return "did not come in time";
    case error_class::connection:
      return "could not be reached";
    case error_class::unavailable:
      return "cannot be fetched for the moment";
    default:
      return "cannot be fetched";
  }
}

class web_image_source final : public image_source {
 public:
  explicit web_image_source(image_source_options options)
      : options_(std::move(options)),
        http_(make_curl_http_client(max_connections, connection_rule(options_.rules))) {}

  void fetch(const std::string& url, completion done) override {
    auto checked = check_url(url, options_.rules);
    if (!checked) {
      checked.error().message.insert(0, "the image ");
      done(std::move(checked).error());
      return;
    }
    std::string host = host_of(*checked);
    get(std::make_shared<download>(download{
        std::move(*checked), std::move(host), steady_clock::now() + options_.timeout, 0,
        std::move(done)}));
  }

 private:
  void get(const shared_download& what) {
    http_request request;
    request.url = what->url;
    request.headers = {
        {"accept",
         "image/jpeg, image/png, image/webp, image/heic, image/avif, image/gif, image/bmp, "
         "image/tiff"}};
    request.timeout =
        std::chrono::duration_cast<milliseconds>(what->deadline - steady_clock::now());
    request.connect_timeout = options_.connect_timeout;
    request.max_response_bytes = options_.max_bytes;
    http_->send(std::move(request), [this, what](auto outcome) { answered(what, outcome); });
  }

  void answered(const shared_download& what, std::variant<http_response, http_error>& outcome) {
    if (const auto* error = std::get_if<http_error>(&outcome)) {
      const auto kind = class_of(*error);
      give_up(
          *what, kind, error->was_too_long ? "is too large" : plain_reason(kind),
          error->error.message
      );
      return;
    }
    const auto& answer = std::get<http_response>(outcome);
    if (is_redirect(answer.status)) {
      follow(what, answer.header("location"));
    } else if (answer.status != 200) {
      const auto kind = class_of(answer.status);
      give_up(*what, kind, plain_reason(kind), "status " + std::to_string(answer.status));
    } else {
      take(*what, std::as_bytes(std::span{answer.body}));
    }
  }

  void follow(const shared_download& what, std::string_view location) {
    if (++what->redirects > options_.max_redirects) {
      give_up(*what, error_class::invalid_input, "is redirected too often");
      return;
    }
    auto target = check_redirect(what->url, location, options_.rules);
    if (!target) {
      give_up(
          *what, target.error().kind, "is redirected to where none may be fetched from",
          target.error().message
      );
      return;
    }
    what->url = std::move(*target);
    get(what);
  }

  static void take(const download& what, std::span<const std::byte> bytes) {
    const auto info = read_image_info(bytes);
    if (!info) {
      give_up(
          what, error_class::invalid_input, "is no picture that is read here", info.error().message
      );
      return;
    }
    what.done(encoded_image{
        std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), *info});
  }

  /// `why` is for the caller, `cause` for the log.
  static void give_up(
      const download& what, error_class kind, std::string_view why, std::string_view cause = {}
  ) {
    log.info(
        "an image could not be fetched",
        {{"host", host_of(what.url)}, {"errorClass", kind}, {"reason", cause.empty() ? why : cause}}
    );
    what.done(failure{kind, "the image at " + what.host + " " + std::string{why}});
  }

  image_source_options options_;
  std::unique_ptr<http_client> http_;  // last: its completions use the options
};

}  // namespace

std::unique_ptr<image_source> make_web_image_source(image_source_options options) {
  return std::make_unique<web_image_source>(std::move(options));
}

}  // namespace stayler::adapters
