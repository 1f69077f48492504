// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/command_pipeline.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;

namespace {

using lists = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("a pipeline without commands runs the script once") {
  command_pipeline commands{{"now", "name"}};
  CHECK(commands.take_argument_lists() == lists{{"now", "name"}});
}

TEST_CASE("a run of the script begins with its caller and has the commands in order") {
  command_pipeline commands{{"now", "name"}};
  commands.add({"pause", "0", "1"});
  commands.add({"waiting"});
  CHECK(commands.take_argument_lists() == lists{{"now", "name", "pause", "0", "1", "waiting"}});
}

TEST_CASE("no run mixes new jobs with other commands") {
  command_pipeline commands{{"now"}};
  commands.add({"enqueue", "a"});
  commands.add({"enqueue", "b"});
  commands.add({"claim", "c"});
  commands.add({"enqueue", "d"});
  CHECK(
      commands.take_argument_lists()
      == lists{{"now", "enqueue", "a", "enqueue", "b"}, {"now", "claim", "c"}, {"now", "enqueue", "d"}}
  );
}

TEST_CASE("a run has 256 commands at most") {
  command_pipeline commands{{"now"}};
  for (int i = 0; i < 257; ++i) {
    commands.add({"waiting"});
  }
  const auto runs = commands.take_argument_lists();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].size() == 257);
  CHECK(runs[1] == std::vector<std::string>{"now", "waiting"});
}
