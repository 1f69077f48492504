// SPDX-License-Identifier: MIT
#include "adapters/gemini/provider_day.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace std::chrono;

/// From the second Sunday of March, 10:00 UTC, to the first Sunday of November, 09:00 UTC.
bool is_daylight_saving(timestamp now) {
  const year this_year = year_month_day{floor<days>(now)}.year();
  const auto begins = sys_days{this_year / March / Sunday[2]} + hours{10};
  const auto ends = sys_days{this_year / November / Sunday[1]} + hours{9};
  return now >= begins && now < ends;
}

hours pacific_offset(timestamp now) {
  return is_daylight_saving(now) ? hours{-7} : hours{-8};
}

sys_days pacific_date(timestamp now) {
  return floor<days>(now + pacific_offset(now));
}

}  // namespace

timestamp end_of_provider_day(timestamp now) {
  const timestamp midnight = pacific_date(now) + days{1};
  // On the two days on which the offset changes, the one at the end of the day counts.
  return midnight - pacific_offset(midnight - pacific_offset(now));
}

std::string provider_day(timestamp now) {
  return to_rfc3339(pacific_date(now)).substr(0, 10);
}

}  // namespace stayler::adapters
