// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_descriptor/file_descriptor.hpp"
#include "adapters/image_codec/process/wire/codec_wire.hpp"
#include "adapters/image_codec/process/wire/shared_memory.hpp"
#include "messages/base/result.hpp"
#include "messages/service/codec_status.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <sys/types.h>
#include <variant>

namespace stayler::adapters {

/// What is run as a codec process, and within which bounds.
struct codec_child_options {
  std::filesystem::path program;
  codec_limits limits;
  sandbox_mode sandbox = sandbox_mode::on;
};

/// One codec process and the memory shared with it. Killed and reaped at the end of this object's
/// life. One thread at a time.
class codec_child {
 public:
  using clock = std::chrono::steady_clock;

  /// Starts the program, with an environment of two variables and without any open file but its
  /// memory and its socket. It ends with the thread that calls this. unavailable.
  static result<std::unique_ptr<codec_child>> spawn(const codec_child_options& options);

  codec_child(const codec_child&) = delete;
  codec_child& operator=(const codec_child&) = delete;
  ~codec_child();

  /// Readable when the process has said something, or has ended.
  [[nodiscard]] int socket() const noexcept { return socket_.number(); }
  [[nodiscard]] ::pid_t pid() const noexcept { return pid_; }

  /// The answer to the set-up, once the socket is readable: ok, or why the process cannot serve.
  void_result read_ready();

  /// Has the call made for that picture, which fits the input, until the deadline; afterwards the
  /// process has ended where it is not an answer that comes back. The answer's number is that of
  /// the call; nothing else in it has been checked.
  std::variant<codec_answer, codec_loss> make_call(
      codec_call& call, std::span<const std::byte> picture, clock::time_point deadline
  );

  /// What the answer's pictures lie in. The process may write there at any time: copy first, then
  /// look.
  [[nodiscard]] std::span<const std::byte> output() const noexcept;

  /// When it was started.
  [[nodiscard]] clock::time_point born() const noexcept { return born_; }

  /// How many calls it has been given.
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

  /// Its memory in RAM, apart from what is shared; 0 where the system does not tell.
  [[nodiscard]] std::uint64_t resident_bytes() const;

 private:
  codec_child(::pid_t pid, file_descriptor socket, shared_memory memory, std::size_t input_bytes);

  codec_loss end(codec_loss suspected);
  void allow_cpu_time() const;

  ::pid_t pid_;
  file_descriptor socket_;
  shared_memory memory_;
  std::size_t input_bytes_;
  clock::time_point born_ = clock::now();
  std::uint64_t calls_ = 0;
  bool is_reaped_ = false;
};

}  // namespace stayler::adapters
