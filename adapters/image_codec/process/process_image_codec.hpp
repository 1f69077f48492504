// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/codec_limits.hpp"
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/process/wire/codec_wire.hpp"
#include "messages/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace stayler::adapters {

struct process_image_codec_options {
  std::filesystem::path program;  ///< stayler-codec
  codec_limits limits;
  sandbox_mode sandbox = sandbox_mode::on;
  std::size_t processes = 2;                       ///< at work at a time, with one more as a spare
  std::chrono::milliseconds call_timeout{30'000};  ///< for each of a call's two tries
  std::uint64_t max_calls = 500;                   ///< of one process
};

/// A codec whose calls are made by processes of their own, which a hostile picture may crash or
/// take over: they have no file, no network and bounds on memory and time. What the bytes tell
/// without a decoder is checked before a process is asked. A process that is lost in a call is
/// replaced, and the call made once more on another; a picture that has cost two is refused
/// (invalid_input, of a provider's no_image), for an hour without another try. unavailable where no
/// process can be had. Waits for the first process; unavailable, with the reason, where none
/// starts.
result<std::unique_ptr<image_codec>> make_process_image_codec(
    const process_image_codec_options& options
);

}  // namespace stayler::adapters
