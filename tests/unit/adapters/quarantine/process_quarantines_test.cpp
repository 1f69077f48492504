// SPDX-License-Identifier: MIT
#include "adapters/quarantine/process_quarantines.hpp"

#include "messages/service/quarantine.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/process_states.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <thread>
#include <unistd.h>

using namespace stayler;
using namespace stayler::test;
using adapters::process_quarantines;
using namespace std::chrono_literals;

namespace {

/// Processes that others start: asked for until they are as wanted.
bool comes_true(const std::function<bool()>& holds) {
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (!holds() && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(5ms);
  }
  return holds();
}

std::shared_ptr<process_quarantines> quarantines_of(const char* program) {
  auto made = process_quarantines::make(program);
  REQUIRE(made);
  (*made)->set_coordinator_port(1);
  return *made;
}

/// How one that runs this program comes to its end.
std::string end_of(const char* program) {
  const auto made = quarantines_of(program);
  const auto name = made->start({});
  REQUIRE(name);
  REQUIRE(comes_true([&] { return made->how_it_ended(*name).has_value(); }));
  return *made->how_it_ended(*name);
}

std::size_t children() {
  return children_of(::getpid()).size();
}

}  // namespace

TEST_CASE("it is known how a quarantine came to an end that nobody had told it") {
  CHECK(end_of("/bin/false") == "ended with exit code 1");
  CHECK(end_of("/nowhere").starts_with("could not be started: cannot run /nowhere"));
}

TEST_CASE("a quarantine that is killed has ended by itself") {
  const std::size_t before = children();
  const auto made = quarantines_of("/usr/bin/yes");
  const auto name = made->start({});
  REQUIRE(name);
  CHECK(is_quarantine(*name));
  CHECK(made->names() == std::vector{*name});
  REQUIRE(comes_true([&] { return children() == before + 1; }));
  CHECK_FALSE(made->how_it_ended(*name));
  ::kill(*children_of(::getpid()).rbegin(), SIGKILL);
  REQUIRE(comes_true([&] { return made->how_it_ended(*name).has_value(); }));
  CHECK(*made->how_it_ended(*name) == "was ended by signal 9, Killed");
}

TEST_CASE("a quarantine that was told to end is gone, and did not end by itself") {
  const std::size_t before = children();
  const auto made = quarantines_of("/usr/bin/yes");
  const auto name = made->start({});
  REQUIRE(name);
  REQUIRE(comes_true([&] { return children() == before + 1; }));
  made->end(*name);
  CHECK(made->names().empty());
  CHECK_FALSE(made->how_it_ended(*name));
  CHECK(comes_true([&] { return children() == before; }));
}

TEST_CASE("quarantines end with what keeps them") {
  const std::size_t before = children();
  auto made = quarantines_of("/usr/bin/yes");
  REQUIRE(made->start({}));
  REQUIRE(made->start({}));
  REQUIRE(comes_true([&] { return children() == before + 2; }));
  made.reset();
  CHECK(children() == before);
}

TEST_CASE("a quarantine is started once its coordinator can take it in, and no sooner") {
  const std::size_t before = children();
  auto made = process_quarantines::make("/usr/bin/yes");
  REQUIRE(made);
  const auto early = (*made)->start({});
  REQUIRE(early);
  CHECK(children() == before);
  CHECK_FALSE((*made)->how_it_ended(*early));
  (*made)->set_coordinator_port(1);
  CHECK(comes_true([&] { return children() == before + 1; }));
}
