// SPDX-License-Identifier: MIT

// What the service writes is for its own user alone.

#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>

using namespace stayler::test;
namespace fs = std::filesystem;

TEST_CASE("nobody else on the machine can read photos, jobs, records or the audit trail") {
  service_stack stack;
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator{stack.folder() / "data"}) {
    INFO(entry.path());
    constexpr auto others = fs::perms::group_all | fs::perms::others_all;
    if (!entry.is_socket()) {
      CHECK((entry.status().permissions() & others) == fs::perms::none);
    }
    ++seen;
  }
  CHECK(seen > 5);
}
