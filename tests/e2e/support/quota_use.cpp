// SPDX-License-Identifier: MIT
#include "tests/e2e/support/quota_use.hpp"

#include "tests/e2e/support/service_stack.hpp"

#include <algorithm>
#include <thread>

namespace stayler::test {

namespace {

quota_use use_so_far(const service_stack& stack) {
  return {
      std::max<std::int64_t>(0, stack.sim_count({"images"})),
      std::max<std::int64_t>(0, stack.sim_count({"byStatus", "429"}))};
}

}  // namespace

void wait_for_second_minute(const service_stack& stack, std::int64_t per_minute) {
  wait_until(
      "the quota's second minute has begun",
      [&] { return use_so_far(stack).accepted > per_minute; }, std::chrono::minutes{3}
  );
}

quota_use use_within(const service_stack& stack, std::chrono::seconds time) {
  const quota_use before = use_so_far(stack);
  // How a quota by the minute is used can only be seen as time passes.
  std::this_thread::sleep_for(time);
  const quota_use after = use_so_far(stack);
  return {after.accepted - before.accepted, after.refused - before.refused};
}

}  // namespace stayler::test
