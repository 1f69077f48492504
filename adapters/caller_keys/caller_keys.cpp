// SPDX-License-Identifier: MIT
#include "adapters/caller_keys/caller_keys.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"
#include "messages/jobs/user_id.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::array<std::string_view, 3> role_names{"viewer", "submitter", "admin"};

/// No message quotes what is wrong: it may be a key that stands where its hash should.
failure malformed_key(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

/// 1 to 128 letters, digits, dots, dashes or underscores.
bool is_key_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_alphanumeric(text, "._-");
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

/// The users of "ann+auth0%7C62e0".
result<std::vector<std::string>> parse_users(std::string_view text) {
  std::vector<std::string> users;
  // What is behind one would be hidden in the log as a secret of its own.
  if (text.find(' ') != std::string_view::npos) {
    return malformed_key("a user's id holds a blank, which is written %20");
  }
  while (users.empty() || !text.empty()) {
    auto user = decode_percent(take_until(text, "+"));
    if (!user) {
      return malformed_key("a user's id holds a %, which stands for itself as %25");
    }
    if (!is_user_id(*user)) {
      return malformed_key("a user's id must be " + std::string{user_id_form});
    }
    users.push_back(std::move(*user));
  }
  return users;
}

/// Takes ":rate=..." off the end of the text, and reads it into the key.
void_result take_rate(std::string_view& text, caller_key& key) {
  constexpr std::string_view rate_mark = ":rate=";
  const auto at = text.rfind(rate_mark);
  if (at == std::string_view::npos) {
    return ok();
  }
  key.rate = parse_rate(text.substr(at + rate_mark.size()));
  text = text.substr(0, at);
  if (text.find(rate_mark) != std::string_view::npos) {
    return malformed_key("it has two rates");
  }
  return key.rate
             ? ok()
             : malformed_key("its rate must be PER_SECOND[/BURST], each above 0 and at most 1000000"
             );
}

result<caller_key> parse_key(std::string_view text) {
  caller_key key;
  if (auto taken = take_rate(text, key); !taken) {
    return std::move(taken).error();
  }
  key.name = take_until(text, ":");
  if (!is_key_name(key.name)) {
    return malformed_key("its name must be 1 to 128 letters, digits, dots, dashes or underscores");
  }
  const auto role = parse_role(take_until(text, ":"));
  if (!role) {
    return malformed_key("its role must be viewer, submitter or admin");
  }
  key.role = *role;
  const bool names_users = text.find(':') != std::string_view::npos;
  if (!parse_hex(take_until(text, ":"), key.hash)) {
    return malformed_key("its SHA256 must be 64 hex digits");
  }
  // A colon without a user behind it would give all users to who meant to name some.
  if (names_users) {
    auto users = parse_users(text);
    if (!users) {
      return std::move(users).error();
    }
    key.users = *std::move(users);
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
  const auto refuse = [&keys](const std::string& why) {
    return malformed_key("key " + std::to_string(keys.size() + 1) + " of the list " + why);
  };
  while (!text.empty()) {
    auto entry = take_until(text, ",\n");
    if (entry.ends_with('\r')) {
      entry.remove_suffix(1);  // a file of Windows
    }
    if (entry.empty()) {
      continue;
    }
    auto key = parse_key(entry);
    if (!key) {
      return refuse(
          "is not NAME:ROLE:SHA256[:USER[+USER...]][:rate=PER_SECOND[/BURST]]: "
          + key.error().message
      );
    }
    if (is_known(keys, *key)) {
      return refuse("has the name or the hash of one before it");
    }
    keys.push_back(*std::move(key));
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
