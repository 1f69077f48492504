// SPDX-License-Identifier: MIT
#include "http/api/access/authorizer.hpp"

#include "http/api/answers.hpp"
#include "http/server/connections/network.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace stayler::http {

namespace {

using adapters::caller_key;

/// What a call with a wrong key costs, in calls.
constexpr double cost_of_a_wrong_key = 10;

std::string bucket_of_key(const std::string& name) {
  return "key " + name;
}

/// The credentials of the scheme Bearer, or nothing.
std::optional<std::string_view> bearer_token(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (!starts_with_ignoring_case(header, scheme)) {
    return std::nullopt;
  }
  header.remove_prefix(std::min(header.find_first_not_of(' ', scheme.size()), header.size()));
  return header;
}

/// The key that a call shows, in one header or the other.
std::optional<std::string_view> presented_key(const request& req) {
  const auto authorization = req.header("authorization");
  const auto token = authorization ? bearer_token(*authorization) : std::nullopt;
  return token ? token : req.header("x-api-key");
}

response unauthorized(bool has_key) {
  auto answer = refusal_answer(
      {error_class::authentication,
       has_key ? "this API key is not known"
               : "an API key is needed: Authorization: Bearer KEY, or X-API-Key: KEY"}
  );
  std::string challenge = R"(Bearer realm="stayler-worker")";
  challenge += has_key ? R"(, error="invalid_token")" : "";
  answer.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  return answer;
}

response too_many_requests(std::string_view caller, milliseconds wait) {
  return refusal_answer(
      {error_class::rate_limited, std::string{caller} + " calls too often (WORKER_RATE_LIMIT)",
       wait}
  );
}

/// Why a known key does not open a route, or nothing.
std::optional<response> check_rights(const caller_key& key, const access& needed) {
  std::string reason;
  if (key.role < needed.role) {
    reason.append("this needs a key with the role ").append(to_string(needed.role));
    reason.append("; ").append(key.name).append(" has the role ").append(to_string(key.role));
  } else if (needed.scope == access_scope::all_users && !key.users.empty()) {
    reason = "this concerns all users; " + key.name + " is for some of them only";
  } else {
    return std::nullopt;
  }
  return refusal_answer({error_class::permission, std::move(reason)});
}

}  // namespace

authorizer::authorizer(std::vector<caller_key> keys, rate_rule rule)
    : keys_(std::move(keys)), calls_(rule) {}

bool authorizer::knows(const request& head) const {
  const auto presented = presented_key(head);
  return presented && find_caller_key(keys_, *presented) != nullptr;
}

milliseconds authorizer::take(const std::string& caller, double cost, time_point now) {
  const std::scoped_lock lock{mutex_};
  return calls_.take(caller, cost, now);
}

void authorizer::charge(const caller& caller, double calls, time_point now) {
  const std::scoped_lock lock{mutex_};
  calls_.charge(bucket_of_key(caller.key), calls, now);
}

access_decision authorizer::authorize_stranger(const request& req, bool has_key, time_point now) {
  const std::string network = network_of(req.remote_address);
  const auto wait = take("address " + network, has_key ? cost_of_a_wrong_key : 1, now);
  return {{}, wait.count() > 0 ? too_many_requests(network, wait) : unauthorized(has_key)};
}

access_decision authorizer::admit(const request& req, std::string_view route, time_point now) {
  const access needed = access_of(req.method, route);
  const auto presented = presented_key(req);
  const caller_key* key = presented ? find_caller_key(keys_, *presented) : nullptr;
  if (key == nullptr) {
    return needed.is_open ? access_decision{} : authorize_stranger(req, presented.has_value(), now);
  }
  access_decision made{{key->name, key->role, key->users}, std::nullopt};
  if (needed.is_open) {
    return made;
  }
  const auto wait = take(bucket_of_key(key->name), 1, now);
  made.refusal = wait.count() > 0 ? too_many_requests(key->name, wait) : check_rights(*key, needed);
  return made;
}

}  // namespace stayler::http
