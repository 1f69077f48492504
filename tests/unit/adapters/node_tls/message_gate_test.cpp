// SPDX-License-Identifier: MIT

// What passes between CAF's of nodes and coordinators, and what does not.
#include "adapters/node_tls/message_gate.hpp"

#include "tests/support/catch.hpp"

#include <string>

using stayler::adapters::link_end;
using stayler::adapters::message_gate;

namespace {

std::string message(unsigned char operation, std::uint32_t announced, std::size_t payload = 0) {
  std::string bytes(32, '\0');
  bytes[0] = static_cast<char>(operation);
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[4 + i] = static_cast<char>(announced >> (8 * (3 - i)));
  }
  // Bytes that would be no header.
  return bytes + std::string(payload, '\xff');
}

/// A client's handshake, which says only who it is.
std::string handshake(const std::string& process) {
  return message(1, static_cast<std::uint32_t>(process.size())) + process;
}

message_gate introduced() {
  message_gate made{link_end::client};
  REQUIRE(made.lets_pass(handshake("process")));
  return made;
}

constexpr unsigned char server_handshake = 0;
constexpr unsigned char client_handshake = 1;
constexpr unsigned char direct_message = 2;
constexpr unsigned char routed_message = 3;
constexpr unsigned char heartbeat = 6;

}  // namespace

TEST_CASE("messages pass in pieces of any size") {
  const std::string all = message(client_handshake, 70, 70) + message(direct_message, 1'000, 1'000)
                          + message(heartbeat, 0) + message(direct_message, 3, 3);
  for (std::size_t size = 1; size < all.size(); ++size) {
    message_gate gate{link_end::client};
    for (std::size_t begin = 0; begin < all.size(); begin += size) {
      const std::string piece = all.substr(begin, size);
      REQUIRE(gate.lets_pass(piece));
    }
    // It knows where it is: the next byte begins a header.
    CHECK_FALSE(gate.lets_pass(message(routed_message, 0)));
  }
}

TEST_CASE("a message that announces more than nodes send is stopped before CAF makes room for it") {
  message_gate gate = introduced();
  CHECK(gate.lets_pass(message(direct_message, message_gate::most_payload_bytes)));
  for (const std::uint32_t size : {message_gate::most_payload_bytes + 1, 0xFFFF'FFFFU}) {
    message_gate fresh = introduced();
    CHECK_FALSE(fresh.lets_pass(message(direct_message, size)));
  }
}

TEST_CASE("nobody speaks in the name of another process, and in no unknown way") {
  for (const unsigned char operation :
       {routed_message, static_cast<unsigned char>(7), static_cast<unsigned char>(255)}) {
    message_gate gate = introduced();
    CHECK_FALSE(gate.lets_pass(message(operation, 0)));
  }
}

TEST_CASE("nothing is said before it is said who speaks") {
  message_gate gate{link_end::client};
  CHECK(gate.lets_pass(message(heartbeat, 0)));
  CHECK_FALSE(gate.lets_pass(message(direct_message, 0)));
  message_gate nameless{link_end::client};
  CHECK_FALSE(nameless.lets_pass(handshake("")));
}

TEST_CASE("who has said which process it is cannot become another one") {
  message_gate gate{link_end::client};
  CHECK(gate.process().empty());
  CHECK(gate.lets_pass(handshake("one")));
  CHECK(gate.process() == "one");
  CHECK(gate.lets_pass(message(direct_message, 2, 2) + handshake("one")));
  // Also where all comes at once.
  CHECK_FALSE(gate.lets_pass(handshake("one") + handshake("two") + handshake("one")));
  message_gate long_named{link_end::client};
  CHECK_FALSE(long_named.lets_pass(handshake(std::string(1'000, 'x'))));
}

TEST_CASE("each end gives its own handshake only") {
  message_gate of_client{link_end::client};
  CHECK_FALSE(of_client.lets_pass(message(server_handshake, 9, 9)));
  message_gate of_server{link_end::server};
  CHECK(of_server.lets_pass(message(server_handshake, 9'000, 9'000)));
  CHECK(of_server.process() == std::string(256, '\xff'));
  CHECK_FALSE(of_server.lets_pass(message(client_handshake, 9, 9)));
}
