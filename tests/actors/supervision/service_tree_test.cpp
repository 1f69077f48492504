// SPDX-License-Identifier: MIT

// The tree of the service itself: its order, and how long each child may take for a ping.

#include "actors/supervision/service_tree.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace stayler;
using std::chrono::seconds;

namespace {

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the service's tree ends in the order of shutdown, and flushes what has taken over") {
  const auto tree = actors::make_service_tree({}, seconds{5});
  lines order;
  lines flushed;
  for (const auto& child : tree.core) {
    order.insert(order.begin(), child.name);
    if (child.flush_first) {
      flushed.insert(flushed.begin(), child.name);
    }
    for (const auto& needed : child.depends_on) {
      INFO(child.name << " needs " << needed);
      CHECK(std::ranges::find(order, needed) != order.end());
    }
  }
  CHECK(
      order
      == lines{"alert_watch", "workload_watch", "health", "user_data", "queue", "retry_scheduler", "gemini_client", "provider_limits", "result_cache",
               "image_processor", "image_library", "notifier", "record_io", "blob_store",
               "metrics"}
  );
  CHECK(flushed == lines{"notifier", "record_io"});
}

TEST_CASE("those who wait for disks may take their time, the others as long as is set") {
  const auto tree = actors::make_service_tree({}, seconds{5});
  for (const auto& child : tree.core) {
    const std::set<std::string> blocking{
        "blob_store", "record_io", "image_library", "result_cache", "user_data"};
    INFO(child.name);
    CHECK(child.ping_timeout == (blocking.count(child.name) > 0 ? seconds{60} : seconds{5}));
  }
}
