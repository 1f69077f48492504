// SPDX-License-Identifier: MIT
#include "adapters/caller_keys/new_caller_key.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/checksum/checksum.hpp"
#include "messages/base/random.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <span>

namespace stayler::adapters {

namespace {

/// By which people, and programs that look for secrets in the wrong places, recognize a key.
constexpr std::string_view key_mark = "stayler_";

using random_bytes = std::array<std::byte, 32>;

std::string base64url(std::span<const std::byte> bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  base64_encode_at(bytes, 0, text);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

/// Whether the entry stands for one key, with that name and a list of so many users.
bool is_one_entry(const std::string& entry, std::string_view name, std::string_view users) {
  const auto keys = parse_caller_keys(entry);
  const auto count = users.empty() ? 0 : std::ranges::count(users, '+') + 1;
  return keys && keys->size() == 1 && !keys->front().rate && keys->front().name == name
         && std::ssize(keys->front().users) == count;
}

failure not_allowed(std::string_view what, std::string_view given, std::string_view allowed) {
  std::string text{what};
  text.append(" \"").append(given).append("\" is not allowed; use ").append(allowed);
  return {error_class::invalid_input, std::move(text)};
}

}  // namespace

result<new_caller_key> make_caller_key(
    std::string_view name, std::string_view role, std::string_view users
) {
  random_bytes bytes{};
  if (!fill_random(std::as_writable_bytes(std::span{bytes}))) {
    return failure{
        error_class::internal_bug, std::string{"no random bits: "} + std::strerror(errno)};
  }
  new_caller_key made;
  made.key.append(key_mark).append(base64url(bytes));
  const std::string hash = sha256_hex(std::as_bytes(std::span{made.key}));
  const auto entry_of = [&hash](std::string_view of_name, std::string_view of_role) {
    return std::string{of_name} + ":" + std::string{of_role} + ":" + hash;
  };
  if (!is_one_entry(entry_of(name, "viewer"), name, "")) {
    return not_allowed("the name", name, "1 to 128 letters, digits, dots, dashes or underscores");
  }
  if (!is_one_entry(entry_of(name, role), name, "")) {
    return not_allowed("the role", role, "viewer, submitter or admin");
  }
  made.entry = entry_of(name, role);
  if (!users.empty()) {
    made.entry.append(":").append(users);
  }
  const bool is_one_line = users.find_first_of(",\n") == std::string_view::npos;
  if (!is_one_line || !is_one_entry(made.entry, name, users)) {
    return not_allowed(
        "the list of users", users,
        "USER[+USER...], where + , % and a blank in a user's id are written %2B %2C %25 %20"
    );
  }
  return made;
}

}  // namespace stayler::adapters
