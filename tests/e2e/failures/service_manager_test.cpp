// SPDX-License-Identifier: MIT
// What systemd hears of the program from its first line to its end.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/notify_socket.hpp"

#include <csignal>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("the service manager hears when the service serves, lives, reads again and ends") {
  const temporary_folder folder;
  const notify_socket socket{folder.path() / "notify"};
  service_stack stack{
      {{"NOTIFY_SOCKET", socket.address()}, {"WATCHDOG_USEC", "800000"}}, {"--latency", "2s"}};
  CHECK(socket.next(1s) == "STATUS=opening the stores");
  CHECK(socket.await("READY=1") == "READY=1\nSTATUS=serving, role all");
  CHECK(stack.get("/worker/status").status == 200);
  // At a quarter of what the manager waits.
  CHECK(socket.await("WATCHDOG=1", 800ms) == "WATCHDOG=1");
  CHECK(socket.await("WATCHDOG=1", 800ms) == "WATCHDOG=1");

  stack.worker().signal(SIGHUP);
  (void)socket.await("RELOADING=1");
  (void)socket.await("READY=1");

  (void)stack.submit();
  wait_until("a call is under way", [&] { return stack.sim_count({"inFlight"}) == 1; });
  stack.worker().signal(SIGTERM);
  (void)socket.await("STOPPING=1");
  // While the job finishes, once for each turn of the supervisor.
  (void)socket.await("EXTEND_TIMEOUT_USEC=", 800ms);
  (void)socket.await("EXTEND_TIMEOUT_USEC=", 800ms);
  CHECK(stack.worker().wait(20s) == 0);
}

TEST_CASE("a service that cannot open its stores is never called ready") {
  const temporary_folder folder;
  const notify_socket socket{folder.path() / "notify"};
  service_stack stack;
  // The folder belongs to the service that runs.
  auto settings = worker_environment(stack.folder() / "data", stack.sim().url());
  settings["NOTIFY_SOCKET"] = socket.address();
  const auto second = run_program(STAYLER_WORKER, {}, settings);
  INFO(second.output);
  CHECK(second.exit_code == 1);
  for (auto message = socket.next(0s); message; message = socket.next(0s)) {
    CHECK(message->find("READY=1") == std::string::npos);
  }
}
