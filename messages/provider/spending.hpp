// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// Millionths of a US dollar.
using micro_dollars = std::uint64_t;

/// What calls to the provider have cost.
struct spending {
  std::uint64_t calls = 0;  ///< that were answered, with a picture or without
  std::uint64_t prompt_tokens = 0;
  std::uint64_t text_tokens = 0;   ///< output that is no picture, thoughts included
  std::uint64_t image_tokens = 0;  ///< output
  micro_dollars cost = 0;

  friend bool operator==(const spending&, const spending&) = default;

  spending& operator+=(const spending& more) {
    calls += more.calls;
    prompt_tokens += more.prompt_tokens;
    text_tokens += more.text_tokens;
    image_tokens += more.image_tokens;
    cost += more.cost;
    return *this;
  }
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spending& x) {
  return f(x.calls, x.prompt_tokens, x.text_tokens, x.image_tokens, x.cost);
}

/// What one user's jobs have cost on one day of the provider's.
struct user_spending {
  std::string day;  ///< "2026-11-24"
  std::string user_id;
  spending amount;

  friend bool operator==(const user_spending&, const user_spending&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_spending& x) {
  return f(x.day, x.user_id, x.amount);
}

/// The account of one day.
struct spending_report {
  std::string day;
  timestamp resets_at;
  spending total;
  micro_dollars reserved = 0;        ///< for calls under way
  micro_dollars budget = 0;          ///< of the day; 0: none
  micro_dollars user_budget = 0;     ///< of each user and day; 0: none
  std::vector<user_spending> users;  ///< those who have cost most, dearest first

  friend bool operator==(const spending_report&, const spending_report&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spending_report& x) {
  return f(x.day, x.resets_at, x.total, x.reserved, x.budget, x.user_budget, x.users);
}

}  // namespace stayler
