// SPDX-License-Identifier: MIT
#include "http/api/access/authorizer.hpp"

#include "http/api/answers.hpp"
#include "http/api/browsers/origin.hpp"
#include "http/server/connections/network.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace stayler::http {

namespace {

using adapters::caller_key;

/// What a call with a wrong key costs, in calls.
constexpr double cost_of_a_wrong_key = 10;

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

std::string_view problem_with(credential shown) {
  switch (shown) {
    case credential::unknown:
      return "this API key is not known";
    case credential::forged_link:
      return "this link is not signed by a key that is known";
    case credential::expired_link:
      return "this link has expired";
    case credential::ended_session:
      return "this session has ended: sign in again";
    case credential::none:
    case credential::known:
      break;
  }
  return "an API key is needed: Authorization: Bearer KEY, or X-API-Key: KEY";
}

response unauthorized(credential shown) {
  auto answer = refusal_answer({error_class::authentication, std::string{problem_with(shown)}});
  std::string challenge = R"(Bearer realm="stayler-worker")";
  challenge += shown == credential::none ? "" : R"(, error="invalid_token")";
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

/// Why a call that comes by a session is refused, or nothing. A browser sends the cookie with what
/// any page of this host has it send, a script of another port among them; only an own page sets
/// this header as well.
std::optional<response> check_session_call(const request& req) {
  if (only_looks(req.method)
      || (is_of_own_page(req) && !req.header("x-csrf").value_or("").empty())) {
    return std::nullopt;
  }
  return refusal_answer(
      {error_class::permission,
       "what comes by a session and changes something has to come from the service's own page, "
       "with the header X-CSRF"}
  );
}

rate_rule rule_of(const caller_key& key, const rate_rule& usual) {
  return key.rate ? rate_rule{key.rate->per_second, key.rate->burst} : usual;
}

/// The names that were settled on before the fields became structured, for these are what clients
/// and gateways read: see docs/decisions/0038-who-calls.md.
header_list rate_headers(const std::optional<rate_state>& state) {
  if (!state) {
    return {};
  }
  return {
      {"RateLimit-Limit", std::to_string(state->limit)},
      {"RateLimit-Remaining", std::to_string(state->remaining)},
      {"RateLimit-Reset", std::to_string(state->reset_s)}};
}

const caller_key* find_by_name(std::span<const caller_key> keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &caller_key::name);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace

/// What is kept of a key while it counts.
struct authorizer::key_account {
  token_bucket calls;
  std::shared_ptr<key_validity> validity = std::make_shared<key_validity>();
};

/// The keys that count, and, in the same order, their accounts.
struct authorizer::key_ring {
  std::vector<caller_key> keys;
  std::vector<std::shared_ptr<key_account>> accounts;

  /// `key`: one of these.
  [[nodiscard]] const std::shared_ptr<key_account>& account_of(const caller_key& key) const {
    return accounts[static_cast<std::size_t>(&key - keys.data())];
  }
};

/// Whose call it is.
struct authorizer::presented {
  std::shared_ptr<const key_ring> ring;  ///< that `key` is on
  credential shown = credential::none;
  const caller_key* key = nullptr;  ///< only where it is known
  bool is_link = false;
  timestamp session_ends{};  ///< set: it is a session of that key
};

authorizer::authorizer(
    std::vector<caller_key> keys, rate_rule rule, link_signer links, session_signer sessions
)
    : rule_(rule),
      links_(std::move(links)),
      sessions_(std::move(sessions)),
      ring_(std::make_shared<key_ring>()),
      strangers_(rule) {
  replace_keys(std::move(keys));
}

std::shared_ptr<const authorizer::key_ring> authorizer::ring() const {
  const std::scoped_lock lock{mutex_};
  return ring_;
}

key_changes authorizer::replace_keys(std::vector<caller_key> keys) {
  const auto before = ring();
  auto after = std::make_shared<key_ring>();
  key_changes changes;
  for (auto& key : keys) {
    const auto* known = find_by_name(before->keys, key.name);
    const bool stays = known != nullptr && *known == key;
    after->accounts.push_back(
        stays ? before->account_of(*known)
              : std::make_shared<key_account>(key_account{token_bucket{rule_of(key, rule_)}})
    );
    if (!stays) {
      (known == nullptr ? changes.added : changes.changed).push_back(key.name);
    }
  }
  after->keys = std::move(keys);
  std::vector<std::shared_ptr<key_validity>> revoked;
  for (const auto& key : before->keys) {
    const auto* next = find_by_name(after->keys, key.name);
    if (next == nullptr) {
      changes.removed.push_back(key.name);
    }
    if (next == nullptr || *next != key) {
      revoked.push_back(before->account_of(key)->validity);
    }
  }
  {
    const std::scoped_lock lock{mutex_};
    ring_ = std::move(after);
  }
  for (const auto& each : revoked) {
    each->revoke();
  }
  return changes;
}

authorizer::presented authorizer::find(const request& req) const {
  const auto shown = presented_key(req);
  if (!shown) {
    return find_link(req);
  }
  presented found{ring()};
  found.key = find_caller_key(found.ring->keys, *shown);
  found.shown = found.key != nullptr ? credential::known : credential::unknown;
  return found;
}

authorizer::presented authorizer::find_link(const request& req) const {
  if (!only_looks(req.method) || !req.parameter("signature")) {
    return find_session_of(req);
  }
  presented found{ring()};
  found.is_link = true;
  found.shown = credential::forged_link;
  const auto* key = find_by_name(found.ring->keys, req.parameter("key").value_or(""));
  if (key == nullptr) {
    return found;
  }
  const auto verdict = links_.check(req, *key);
  if (verdict == link_signer::verdict::good) {
    found.shown = credential::known;
    found.key = key;
  } else if (verdict == link_signer::verdict::expired) {
    found.shown = credential::expired_link;
  }
  return found;
}

authorizer::presented authorizer::find_session_of(const request& req) const {
  presented found{ring()};
  const auto session = sessions_.find(req);
  if (!session) {
    return found;
  }
  found.shown = credential::ended_session;
  const auto* key = find_by_name(found.ring->keys, session->key);
  if (key != nullptr && sessions_.check(*session, *key) == session_signer::verdict::good) {
    found.shown = credential::known;
    found.key = key;
    found.session_ends = end_of(*session);
  }
  return found;
}

std::optional<std::string> authorizer::sign_session(const caller& caller, timestamp expires) const {
  const auto on_ring = ring();
  const auto* key = find_by_name(on_ring->keys, caller.key);
  return key != nullptr ? std::optional{sessions_.sign(*key, expires)} : std::nullopt;
}

std::string authorizer::sign_link(const caller& caller, const std::string& path, timestamp expires)
    const {
  const auto on_ring = ring();
  const auto* key = find_by_name(on_ring->keys, caller.key);
  return key != nullptr ? links_.sign(path, *key, expires) : path;
}

bool authorizer::knows(const request& head) const {
  const auto found = find(head);
  return found.key != nullptr && !found.is_link;
}

header_list authorizer::charge(const caller& caller, double calls, time_point now) {
  const std::scoped_lock lock{mutex_};
  const auto* key = find_by_name(ring_->keys, caller.key);
  if (key == nullptr) {
    return {};
  }
  auto& bucket = ring_->account_of(*key)->calls;
  bucket.charge(calls, now);
  return rate_headers(bucket.state(now));
}

access_decision authorizer::authorize_stranger(
    const request& req, const presented& shown, time_point now
) {
  // A link that has expired is no guess.
  const bool is_guess =
      shown.shown == credential::unknown || shown.shown == credential::forged_link;
  const std::string network = network_of(req.remote_address);
  const auto wait = [&] {
    const std::scoped_lock lock{mutex_};
    return strangers_.take(network, is_guess ? cost_of_a_wrong_key : 1, now);
  }();
  return {{}, wait.count() > 0 ? too_many_requests(network, wait) : unauthorized(shown.shown), {}};
}

access_decision authorizer::admit(const request& req, std::string_view route, time_point now) {
  const access needed = access_of(req.method, route);
  const auto shown = find(req);
  if (shown.key == nullptr) {
    return needed.is_open ? access_decision{} : authorize_stranger(req, shown, now);
  }
  const caller_key& key = *shown.key;
  const auto& account = shown.ring->account_of(key);
  access_decision made{
      {key.name, key.role, key.users, account->validity, shown.is_link, shown.session_ends},
      std::nullopt,
      {}};
  if (needed.is_open) {
    return made;
  }
  if (is_set(shown.session_ends)) {
    made.refusal = check_session_call(req);
    if (made.refusal) {
      return made;
    }
  }
  const auto [wait, state] = [&] {
    const std::scoped_lock lock{mutex_};
    const auto pause = account->calls.take(1, now);
    return std::pair{pause, account->calls.state(now)};
  }();
  made.headers = rate_headers(state);
  made.refusal = wait.count() > 0 ? too_many_requests(key.name, wait) : check_rights(key, needed);
  return made;
}

}  // namespace stayler::http
