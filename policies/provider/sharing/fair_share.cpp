// SPDX-License-Identifier: MIT
#include "policies/provider/sharing/fair_share.hpp"

#include <algorithm>
#include <numeric>

namespace stayler::policies {

namespace {

/// Adds equal parts of `rest` to the shares of those, in the order in which they stand there.
void add_equally(
    std::vector<std::uint32_t>& shares, const std::vector<std::size_t>& whose, std::uint32_t rest
) {
  const auto parts = static_cast<std::uint32_t>(whose.size());
  for (std::uint32_t i = 0; i < parts; ++i) {
    shares[whose[i]] += rest / parts + (i < rest % parts ? 1 : 0);
  }
}

}  // namespace

std::vector<std::uint32_t> fair_shares(
    std::uint32_t total, const std::vector<std::uint32_t>& wishes
) {
  std::vector<std::uint32_t> shares(wishes.size(), 0);
  std::vector<std::size_t> everybody(wishes.size());
  std::iota(everybody.begin(), everybody.end(), std::size_t{0});
  std::vector<std::size_t> open = everybody;
  std::ranges::stable_sort(open, {}, [&](std::size_t i) { return wishes[i]; });
  std::uint32_t rest = total;
  while (!open.empty() && wishes[open.front()] <= rest / open.size()) {
    shares[open.front()] = wishes[open.front()];
    rest -= wishes[open.front()];
    open.erase(open.begin());
  }
  std::ranges::sort(open);
  if (!wishes.empty()) {
    add_equally(shares, open.empty() ? everybody : open, rest);
  }
  return shares;
}

}  // namespace stayler::policies
