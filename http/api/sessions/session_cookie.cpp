// SPDX-License-Identifier: MIT
#include "http/api/sessions/session_cookie.hpp"

#include "messages/base/text.hpp"

#include <cstdint>
#include <utility>

namespace stayler::http {

namespace {

/// Over TLS the name itself tells the browser to take the cookie from nobody else.
constexpr std::string_view encrypted_name = "__Host-stayler-session";
constexpr std::string_view plain_name = "stayler-session";

/// What is signed besides key and end. Links sign a path, which begins with a slash.
constexpr std::string_view signed_words = "session";

std::string_view cookie_of(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    std::string_view one = trim(take_until(cookies, ";"));
    if (take_until(one, "=") == name) {
      return one;
    }
  }
  return {};
}

std::optional<shown_session> read_session(std::string_view value) {
  // The key's name may hold dots.
  const auto second = value.rfind('.');
  if (second == std::string_view::npos || second == 0) {
    return std::nullopt;
  }
  const auto first = value.rfind('.', second - 1);
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  return shown_session{
      std::string{value.substr(0, first)}, std::string{value.substr(first + 1, second - first - 1)},
      std::string{value.substr(second + 1)}};
}

/// A browser that says nothing of it is too old to, or came by plain http.
bool may_be_own_page(const request& head) {
  const auto site = trim(head.header("sec-fetch-site").value_or(""));
  return site.empty() || site == "same-origin" || site == "none";
}

}  // namespace

std::optional<shown_session> find_session(const request& head, bool has_tls) {
  if (!may_be_own_page(head)) {
    return std::nullopt;
  }
  const auto cookies = head.header("cookie").value_or("");
  auto shown = read_session(cookie_of(cookies, encrypted_name));
  return shown || has_tls ? shown : read_session(cookie_of(cookies, plain_name));
}

session_signer::session_signer(
    std::string secret, bool has_tls, std::shared_ptr<const adapters::wall_clock> clock
)
    : signature_(std::move(secret)), has_tls_(has_tls), clock_(std::move(clock)) {}

std::optional<shown_session> session_signer::find(const request& head) const {
  return find_session(head, has_tls_);
}

std::string session_signer::sign(const adapters::caller_key& key, timestamp expires) const {
  const auto seconds = unix_seconds_text(expires);
  return key.name + "." + seconds + "." + signature_.sign(signed_words, key, seconds);
}

session_signer::verdict session_signer::check(
    const shown_session& shown, const adapters::caller_key& key
) const {
  return signature_.check(signed_words, key, shown.expires, shown.signature, clock_->now());
}

timestamp end_of(const shown_session& shown) {
  const auto seconds = parse_number<std::int64_t>(shown.expires);
  return seconds ? timestamp{std::chrono::seconds{*seconds}} : timestamp{};
}

std::string session_cookie(std::string_view value, bool is_encrypted) {
  const std::chrono::seconds length = value.empty() ? std::chrono::hours{0} : session_length;
  std::string cookie{is_encrypted ? encrypted_name : plain_name};
  cookie.append("=").append(value).append("; Path=/; Max-Age=");
  cookie.append(std::to_string(length.count())).append("; HttpOnly; SameSite=Strict");
  return cookie.append(is_encrypted ? "; Secure" : "");
}

bool came_encrypted(const request& head, bool has_tls) {
  return has_tls || head.header("origin").value_or("").starts_with("https://");
}

}  // namespace stayler::http
