// SPDX-License-Identifier: MIT
#include "adapters/caller_keys/caller_keys.hpp"

#include "adapters/checksum/checksum.hpp"
#include "messages/base/text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::array<std::string_view, 3> role_names{"viewer", "submitter", "admin"};

/// 1 to 128 letters, digits or these characters.
bool is_made_of(std::string_view text, std::string_view others) {
  return !text.empty() && text.size() <= 128 && is_alphanumeric(text, others);
}

std::optional<caller_role> parse_role(std::string_view text) {
  const auto* const found = std::find(role_names.begin(), role_names.end(), text);
  return found == role_names.end()
             ? std::nullopt
             : std::optional{static_cast<caller_role>(found - role_names.begin())};
}

/// "50" or "50/100".
std::optional<call_rate> parse_rate(std::string_view text) {
  const bool has_burst = text.find('/') != std::string_view::npos;
  const auto figures = take_until(text, "/");
  const auto per_second =
      consists_of(figures, "0123456789.") ? parse_number<double>(figures) : std::nullopt;
  if (!per_second || *per_second <= 0 || *per_second > 1'000'000) {
    return std::nullopt;
  }
  const auto burst = has_burst ? parse_number<std::uint32_t>(text)
                               : std::optional{static_cast<std::uint32_t>(*per_second * 2)};
  if (!burst || *burst > 1'000'000 || (has_burst && *burst == 0)) {
    return std::nullopt;
  }
  return call_rate{*per_second, std::max<double>(*burst, 1)};
}

std::optional<caller_key> parse_key(std::string_view text) {
  constexpr std::string_view rate_mark = ":rate=";
  caller_key key;
  if (const auto at = text.rfind(rate_mark); at != std::string_view::npos) {
    key.rate = parse_rate(text.substr(at + rate_mark.size()));
    if (!key.rate) {
      return std::nullopt;
    }
    text = text.substr(0, at);
  }
  key.name = take_until(text, ":");
  const auto role = parse_role(take_until(text, ":"));
  const bool names_users = text.find(':') != std::string_view::npos;
  const auto hash = take_until(text, ":");
  if (!is_made_of(key.name, "._-") || !role || !parse_hex(hash, key.hash)) {
    return std::nullopt;
  }
  key.role = *role;
  // A colon without a user behind it would give all users to who meant to name some.
  while (names_users && (key.users.empty() || !text.empty())) {
    key.users.emplace_back(take_until(text, "+"));
    if (!is_made_of(key.users.back(), "._:-")) {
      return std::nullopt;
    }
  }
  return key;
}

bool is_known(const std::vector<caller_key>& keys, const caller_key& key) {
  return std::any_of(keys.begin(), keys.end(), [&key](const caller_key& each) {
    return each.name == key.name || each.hash == key.hash;
  });
}

}  // namespace

std::string_view to_string(caller_role role) noexcept {
  return role_names[static_cast<std::size_t>(role)];
}

result<std::vector<caller_key>> parse_caller_keys(std::string_view text) {
  std::vector<caller_key> keys;
  const auto refuse = [&keys](std::string_view why) {
    return failure{
        error_class::invalid_input,
        "key " + std::to_string(keys.size() + 1) + " of the list " + std::string{why}};
  };
  while (!text.empty()) {
    const auto entry = take_until(text, ",\n");
    if (entry.empty()) {
      continue;
    }
    auto key = parse_key(entry);
    if (!key) {
      return refuse("is not NAME:ROLE:SHA256[:USER[+USER...]][:rate=PER_SECOND[/BURST]]");
    }
    if (is_known(keys, *key)) {
      return refuse("has the name or the hash of one before it");
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

const caller_key* find_caller_key(std::span<const caller_key> keys, std::string_view presented) {
  const auto hash = sha256_hasher{}.add(presented).digest();
  const caller_key* found = nullptr;
  for (const caller_key& key : keys) {
    if (CRYPTO_memcmp(key.hash.data(), hash.data(), hash.size()) == 0) {
      found = &key;
    }
  }
  return found;
}

}  // namespace stayler::adapters
