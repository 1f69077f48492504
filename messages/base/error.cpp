// SPDX-License-Identifier: MIT
#include "messages/base/error.hpp"

#include <array>
#include <cstddef>

namespace stayler {

namespace {

constexpr std::array<error_traits, 21> table{{
    {"none", retry_rule::never, false},           {"timeout", retry_rule::always, false},
    {"connection", retry_rule::always, false},    {"rate_limited", retry_rule::always, true},
    {"unavailable", retry_rule::always, false},   {"server_error", retry_rule::always, false},
    {"worker_lost", retry_rule::always, false},   {"no_image", retry_rule::once, false},
    {"invalid_input", retry_rule::never, false},  {"authentication", retry_rule::never, false},
    {"permission", retry_rule::never, false},     {"not_found", retry_rule::never, false},
    {"quota_exceeded", retry_rule::never, false}, {"safety_blocked", retry_rule::never, false},
    {"cancelled", retry_rule::never, false},      {"internal_bug", retry_rule::never, false},
    {"conflict", retry_rule::never, false},       {"store_full", retry_rule::always, false},
    {"held", retry_rule::always, true},           {"key_reused", retry_rule::never, false},
    {"ambiguous_call", retry_rule::never, false},
}};

}  // namespace

const error_traits& traits_of(error_class kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  // A number from a newer peer is treated like the class that is never retried and gets looked at.
  return index < table.size() ? table[index]
                              : table[static_cast<std::size_t>(error_class::internal_bug)];
}

std::string_view to_string(error_class kind) noexcept {
  return traits_of(kind).name;
}

std::optional<error_class> parse_error_class(std::string_view name) noexcept {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) {
      return static_cast<error_class>(i);
    }
  }
  return std::nullopt;
}

bool is_retryable(error_class kind) noexcept {
  return traits_of(kind).retry != retry_rule::never;
}

}  // namespace stayler
