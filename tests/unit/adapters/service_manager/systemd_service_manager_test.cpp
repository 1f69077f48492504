// SPDX-License-Identifier: MIT
#include "adapters/service_manager/systemd_service_manager.hpp"

#include "tests/support/child_process.hpp"
#include "tests/support/notify_socket.hpp"

#include <cstdlib>
#include <map>
#include <string>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// As the service manager would start us.
std::shared_ptr<adapters::service_manager> found_with(
    const std::map<std::string, std::string>& variables
) {
  for (const auto& [name, value] : variables) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  return adapters::find_systemd();
}

std::optional<std::chrono::microseconds> patience_with(
    const std::string& length, const std::string& process
) {
  return found_with(
             {{"NOTIFY_SOCKET", "/run/x"}, {"WATCHDOG_USEC", length}, {"WATCHDOG_PID", process}}
  )->patience();
}

}  // namespace

TEST_CASE("systemd is told in its own words how the process stands") {
  const temporary_folder folder;
  const notify_socket socket{folder.path() / "notify"};
  const auto manager =
      found_with({{"NOTIFY_SOCKET", socket.address()}, {"WATCHDOG_USEC", "60000000"}});
  REQUIRE(manager);
  manager->status("opening\nthe stores");
  CHECK(socket.next(1s) == "STATUS=opening the stores");
  manager->ready("serving");
  CHECK(socket.next(1s) == "READY=1\nSTATUS=serving");
  manager->is_alive();
  CHECK(socket.next(1s) == "WATCHDOG=1");
  manager->reloading();
  CHECK_THAT(socket.next(1s).value(), Catch::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  manager->stopping("ending");
  CHECK(socket.next(1s) == "STOPPING=1\nSTATUS=ending");
  manager->still_stopping(20s);
  CHECK(socket.next(1s) == "EXTEND_TIMEOUT_USEC=20000000");
}

TEST_CASE("a service manager may listen at a name that is in no folder") {
  const notify_socket socket{"@stayler-test-" + std::to_string(::getpid())};
  const auto manager = found_with({{"NOTIFY_SOCKET", socket.address()}});
  REQUIRE(manager);
  manager->ready("serving");
  CHECK(socket.next(1s) == "READY=1\nSTATUS=serving");
  // Nobody watches.
  CHECK_FALSE(manager->patience());
  manager->is_alive();
  CHECK_FALSE(socket.next(0s));
}

TEST_CASE("a child does not speak for the service") {
  const temporary_folder folder;
  const notify_socket socket{folder.path() / "notify"};
  REQUIRE(found_with(
      {{"NOTIFY_SOCKET", socket.address()}, {"WATCHDOG_USEC", "1"}, {"WATCHDOG_PID", "1"}}
  ));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    CHECK(std::getenv(name) == nullptr);
  }
  CHECK_FALSE(adapters::find_systemd());
}

TEST_CASE("a watchdog counts for the process that it is meant for") {
  const std::string self = std::to_string(::getpid());
  CHECK(patience_with("60000000", self) == std::chrono::microseconds{60s});
  CHECK(patience_with("60000000", "") == std::chrono::microseconds{60s});
  CHECK_FALSE(patience_with("60000000", "1"));
  CHECK_FALSE(patience_with("0", self));
  CHECK_FALSE(patience_with("soon", self));
}

TEST_CASE("what is no address of a service manager is none") {
  CHECK_FALSE(found_with({{"NOTIFY_SOCKET", "vsock:2:1234"}}));
  CHECK_FALSE(found_with({{"NOTIFY_SOCKET", "/"}}));
  CHECK_FALSE(found_with({{"NOTIFY_SOCKET", "/" + std::string(200, 'x')}}));
  // Whom nobody hears is not held up.
  const auto nobody = found_with({{"NOTIFY_SOCKET", "/nowhere/notify"}});
  REQUIRE(nobody);
  nobody->ready("serving");
}
