// SPDX-License-Identifier: MIT
#include "actors/provider/limits/permit_table.hpp"

namespace stayler::actors {

void permit_table::add(const attempt_id& attempt, permit given) {
  revoked_.erase(attempt);
  permits_.insert_or_assign(attempt, std::move(given));
}

std::optional<permit> permit_table::take(const attempt_id& attempt) {
  auto taken = permits_.extract(attempt);
  return taken ? std::optional{std::move(taken.mapped())} : std::nullopt;
}

template <class Predicate>
std::vector<permit_table::entry> permit_table::take_if(Predicate is_wanted) {
  std::vector<entry> taken;
  for (auto next = permits_.begin(); next != permits_.end();) {
    const auto candidate = next++;
    if (is_wanted(candidate->second)) {
      taken.emplace_back(candidate->first, std::move(candidate->second));
      permits_.erase(candidate);
    }
  }
  return taken;
}

std::vector<permit_table::entry> permit_table::take_of(const caf::actor_addr& holder) {
  return take_if([&](const permit& given) { return given.holder == holder; });
}

std::vector<permit_table::entry> permit_table::take_overdue(clock_time now) {
  return take_if([now](const permit& given) { return given.ends_at <= now; });
}

void permit_table::forget_old(clock_time now) {
  std::erase_if(revoked_, [now](const auto& each) { return each.second <= now; });
}

}  // namespace stayler::actors
