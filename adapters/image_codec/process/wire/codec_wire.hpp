// SPDX-License-Identifier: MIT
#pragma once

// What the service and a codec process (app/codec) say to each other: messages of fixed size over a
// sequenced-packet socket, one answer for each call. Pictures lie in shared memory. The service
// trusts nothing in an answer: numbers are of fixed width, no pointer and no path is among them.
//
//   shared memory:   | input: the call's picture | output: the answer's pictures |
//                    0                           input_bytes                     memory_bytes

#include "adapters/image_codec/codec_limits.hpp"
#include "messages/images/image.hpp"
#include "messages/jobs/job.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace stayler::adapters {

/// Begins each message. Both programs are built together; another build is refused.
struct codec_envelope {
  static constexpr std::uint32_t expected_magic = 0x53'54'43'44;
  static constexpr std::uint32_t expected_version = 1;

  std::uint32_t magic = expected_magic;
  std::uint32_t version = expected_version;
  std::uint64_t number = 0;  ///< of the call, and in its answer; 0 in and after the set-up

  friend bool operator==(const codec_envelope&, const codec_envelope&) = default;
};

/// The descriptors that a codec process is born with, beside /dev/null as 1 and 2.
inline constexpr int codec_memory_descriptor = 0;
inline constexpr int codec_socket_descriptor = 3;

/// How a codec process is kept from what it does not need.
enum class sandbox_mode : std::uint32_t {
  off,   ///< not at all
  on,    ///< it is killed for a system call that is not allowed
  trap,  ///< the same, but it names the call on stderr first: for whoever extends the filter
};

/// The first message to a process, which is answered once it is ready.
struct codec_setup {
  codec_envelope envelope;
  std::uint64_t memory_bytes = 0;
  std::uint64_t input_bytes = 0;
  std::int32_t service = 0;  ///< the process that it serves and must not outlive
  sandbox_mode sandbox = sandbox_mode::on;
  codec_limits limits;
};
static_assert(std::is_trivially_copyable_v<codec_setup>);

/// The functions of image_codec.
enum class codec_operation : std::uint32_t { sanitize = 1, prepare, finish, transform };

/// A call. Its picture begins the shared memory.
struct codec_call {
  static constexpr std::size_t max_inputs = 8;
  static constexpr std::size_t max_operations = 16;  ///< as many as a job may have

  codec_envelope envelope;
  std::uint64_t picture_bytes = 0;
  codec_operation operation = codec_operation::sanitize;
  image_format format = image_format::jpeg;  ///< finish: what is wanted
  std::array<std::uint8_t, 3> reserved{};
  std::uint32_t input_count = 0;      ///< finish
  std::uint32_t operation_count = 0;  ///< transform
  std::array<image_signature, max_inputs> inputs;
  std::array<image_operation, max_operations> operations;
};
static_assert(std::is_trivially_copyable_v<codec_call>);
static_assert(sizeof(codec_call) == 6'632);

/// Where a picture lies in the shared memory, and what it is said to be.
struct wire_picture {
  std::uint64_t offset = 0;  ///< from the beginning of the output
  std::uint64_t bytes = 0;   ///< 0: there is none
  std::uint32_t format = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t reserved = 0;
};

/// The answer to a call, or to the set-up.
struct codec_answer {
  static constexpr std::uint32_t is_done = 1;
  static constexpr std::uint32_t is_refused = 2;        ///< for the reason in `error` and `text`
  static constexpr std::uint32_t is_out_of_memory = 3;  ///< the process goes on

  codec_envelope envelope;
  std::uint32_t outcome = 0;
  std::uint32_t error = 0;  ///< an error_class
  std::uint32_t text_bytes = 0;
  std::uint32_t reserved = 0;
  wire_picture picture;
  wire_picture thumbnail;
  image_signature signature;  ///< prepare
  std::array<char, 384> text{};
};
static_assert(std::is_trivially_copyable_v<codec_answer>);
static_assert(sizeof(codec_answer) == 1'248);

}  // namespace stayler::adapters
