// SPDX-License-Identifier: MIT
#include "policies/provider/limits/kept_limits.hpp"

namespace stayler::policies {

namespace {

constexpr std::chrono::minutes longest_kept{10};
constexpr std::uint32_t least_change = 20;  ///< one part in so many

bool is_worth_keeping(const found_limit& before, const found_limit& now) {
  const std::uint32_t change =
      before.value > now.value ? before.value - now.value : now.value - before.value;
  return before.is_ceiling != now.is_ceiling || change > before.value / least_change
         || now.found_at - before.found_at >= longest_kept;
}

}  // namespace

std::vector<found_limit> kept_limits::update(const std::vector<found_limit>& found) {
  std::vector<found_limit> changed;
  for (const found_limit& limit : found) {
    const auto [kept, is_new] = kept_.try_emplace(limit.name, limit);
    if (is_new || is_worth_keeping(kept->second, limit)) {
      kept->second = limit;
      changed.push_back(limit);
    }
  }
  return changed;
}

}  // namespace stayler::policies
