// SPDX-License-Identifier: MIT

// What strangers do to the port for nodes neither ends the coordinator, nor blocks it, nor makes it
// grow, and a node that belongs here joins all the while.

#include "tests/e2e/support/node_stack.hpp"
#include "tests/support/raw_http.hpp"

#include <csignal>
#include <iostream>
#include <list>
#include <random>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// What AddressSanitizer keeps of freed memory.
#ifdef __SANITIZE_ADDRESS__
constexpr long kept_freed_kib = 256L * 1024;
#else
constexpr long kept_freed_kib = 0;
#endif

/// More than this is not growth by accident.
constexpr long most_growth_kib = 48L * 1024 + kept_freed_kib;

std::uint16_t port_of(node_stack& stack) {
  const std::string address = node_address_of(stack.service().worker());
  return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

/// The header of a message of CAF's protocol that announces 4 GiB of payload.
std::string huge_basp_header() {
  std::string header(32, '\0');
  header[0] = 0;
  for (std::size_t i = 4; i < 8; ++i) {
    header[i] = '\xff';
  }
  return header;
}

/// A TLS record that says that it is a ClientHello of 16 KiB, and its first bytes.
std::string beginning_of_a_hello() {
  return std::string{"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", 11};
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random());
  }
  return bytes;
}

/// The coordinator answers, takes a node in and has it work, and is no larger than it may be.
void check_unharmed(node_stack& stack, long resident_before) {
  const auto asked = std::chrono::steady_clock::now();
  CHECK(stack.service().get("/health/ready").status == 200);
  CHECK(std::chrono::steady_clock::now() - asked < 5s);
  stack.start_node("late", 2);
  const auto job = stack.service().final_job(stack.submit(1).front(), 60s);
  CHECK(text_at(job, {"status"}) == "completed");
  const long grown = stack.service().worker().resident_kib() - resident_before;
  std::cout << "resident: " << resident_before << " KiB before, " << grown << " KiB more after\n";
  CHECK(grown < most_growth_kib);
}

}  // namespace

TEST_CASE("strangers at the node port do no harm, and keep nobody out") {
  node_stack stack;
  // Photos and a first conversion have their share of the memory: not the strangers.
  stack.start_node("early", 2);
  CHECK(
      text_at(stack.service().final_job(stack.submit(1).front(), 60s), {"status"}) == "completed"
  );
  const long before = stack.service().worker().resident_kib();
  const std::uint16_t port = port_of(stack);
  std::list<raw_connection> held;
  SECTION("that send garbage") {
    for (unsigned i = 0; i < 200; ++i) {
      held.emplace_back(port).send(noise(4'096, i));
    }
  }
  SECTION("that announce 4 GiB in CAF's plain protocol") {
    for (int i = 0; i < 50; ++i) {
      held.emplace_back(port).send(huge_basp_header());
    }
  }
  SECTION("that speak HTTP") {
    for (int i = 0; i < 50; ++i) {
      held.emplace_back(port).send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }
  }
  SECTION("that connect, five hundred at once, and say nothing") {
    for (int i = 0; i < 500; ++i) {
      held.emplace_back(port);
    }
  }
  SECTION("that begin a handshake, five hundred at once, and do not go on") {
    for (int i = 0; i < 500; ++i) {
      held.emplace_back(port).send(beginning_of_a_hello());
    }
  }
  check_unharmed(stack, before);
  CHECK(stack.workers_of("early") == 2);
}

TEST_CASE("who does not finish the handshake is sent away") {
  node_stack stack;
  raw_connection idle{port_of(stack)};
  raw_connection slow{port_of(stack)};
  slow.send(beginning_of_a_hello());
  // Both read until the other side closes, or ten seconds have passed.
  CHECK(idle.is_closed_by_peer());
  CHECK(slow.is_closed_by_peer());
}

TEST_CASE("a certificate of another authority opens neither the port nor the node") {
  node_stack stack;
  const temporary_folder folder;
  make_certificates(folder.path(), {"node:foreign"});
  environment foreign = stack.node_settings("foreign");
  for (const auto& [name, value] : tls_settings(folder.path(), "foreign")) {
    foreign[name] = value;
  }
  service_process stranger{
      STAYLER_WORKER, {}, foreign, folder.path() / "log", service_process::awaited::nothing};
  wait_until(
      "it has been refused",
      [&] { return holds(stranger.output(), "one side does not accept the other's"); }, 60s
  );
  CHECK(stack.workers_of("foreign") == 0);
  CHECK(stranger.is_running());
  check_unharmed(stack, stack.service().worker().resident_kib());
  CHECK(stranger.stop() == 0);
}

TEST_CASE("without a certificate there is no connection, and no plain one") {
  node_stack stack;
  const std::string address = node_address_of(stack.service().worker());
  const auto tls = run_program(
      "/bin/sh", {"-c", "sleep 5 | openssl s_client -connect " + address + " 2>&1"}, {}
  );
  INFO(tls.output);
  // With TLS 1.3 a client learns of the refusal by an alert after its own part is done.
  CHECK(holds(tls.output, "alert certificate required"));
  raw_connection plain{port_of(stack)};
  plain.send(huge_basp_header());
  CHECK(plain.is_closed_by_peer());
  CHECK(stack.service().get("/health/ready").status == 200);
}
