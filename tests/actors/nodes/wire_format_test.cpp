// SPDX-License-Identifier: MIT

// What nodes and coordinators of one protocol say to each other is the same in every release. CAF
// sends a struct as its bare fields, so that one more of them is garbage to who does not know it.
// So all of it is written down, and compared here.

#include "actors/support/failure.hpp"
#include "messages/base/text.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/nodes/written_wire.hpp"
#include "tests/actors/wire_samples.hpp"
#include "tests/support/catch.hpp"

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

namespace {

using lines = std::vector<std::string>;

/// Compares line by line; prints what would have to be written down where that is something else.
void check_lines(const lines& found, std::string_view written, const std::string& advice) {
  std::string all = "\n";  // each begins on a line of its own
  for (const std::string& line : found) {
    all += line + '\n';
  }
  if (all != written) {
    // Not by INFO, which would break the lines.
    std::cout << "tests/actors/nodes/written_wire.hpp would have" << all;
  }
  INFO(advice);
  std::string_view now = all;
  while (!written.empty() && !now.empty()) {
    REQUIRE(take_until(now, "\n") == take_until(written, "\n"));
  }
  CHECK(now == written);
}

/// Hex digits, in lines that can be read.
void add_hex(lines& to, const std::vector<char>& bytes) {
  constexpr std::size_t bytes_a_line = 44;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % bytes_a_line == 0) {
      to.emplace_back("  ");
    }
    const auto value = static_cast<unsigned char>(bytes[i]);
    to.back() += hex_digits[value >> 4U];
    to.back() += hex_digits[value & 0xFU];
  }
}

struct wire_format : fixture {
  template <class Actor>
  void add_interface(lines& to) {
    const auto messages = system().message_types<Actor>();
    to.insert(to.end(), messages.begin(), messages.end());
  }

  /// A value as it crosses: its name, and its bytes, which begin with it.
  template <class T>
  void add(lines& to, const std::string& name, T sample) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system(), bytes};
    REQUIRE_FALSE(sink(sample));
    to.push_back(name);
    add_hex(to, bytes);
  }

  template <class... Ts>
  void add_message(lines& to, const std::string& name, const Ts&... sample) {
    add(to, name, caf::make_message(sample...));
  }
};

}  // namespace

TEST_CASE_METHOD(wire_format, "a node of any release can be told why it is refused") {
  lines found;
  add_interface<node_acceptor_actor>(found);
  add_message(found, "node_hello", join_atom_v, sample_hello());
  add_message(found, "node_welcome", sample_welcome());
  add(found, "failure", actors::to_error(sample_failure));
  check_lines(
      found, written_handshake,
      "this never changes: nodes and coordinators of other releases would not understand each other"
  );
}

TEST_CASE_METHOD(wire_format, "what is said in one protocol does not change") {
  CHECK(node_protocol == written_protocol_number);
  lines found;
  add_interface<node_link_actor>(found);
  add_interface<node_gateway_actor>(found);
  add_message(found, "unit_value", unit_value{});
  add_message(found, "uuid", sample_uuid(1));
  add_message(found, "attempt_id", sample_attempt);
  add_message(found, "job", sample_job());
  add_message(found, "job_progress", sample_progress());
  add_message(found, "attempt_outcome", sample_outcome());
  add_message(found, "conversion_update", sample_conversion_update());
  add_message(found, "image_record", sample_image_record());
  add_message(found, "notification", sample_notification());
  add_message(found, "call_request", sample_call_request());
  add_message(found, "call_permit", sample_call_permit());
  add_message(found, "call_outcome", sample_call_outcome());
  add_message(found, "call_settlement", sample_call_settlement());
  check_lines(
      found, written_protocol,
      "raise node_protocol in messages/service/node.hpp, which keeps nodes and coordinators of "
      "before apart, and write this down as the new protocol"
  );
}

}  // namespace stayler::test
