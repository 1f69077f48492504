// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/pooled_call.hpp"
#include "adapters/image_codec/image_codec.hpp"
#include "messages/images/image.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <variant>

namespace stayler::actors {

/// What a call of the codec came to. Local to a process.
struct codec_outcome {
  std::variant<failure, sanitized_image, prepared_image, finished_image> content;
};

using codec_call = pooled_call<adapters::image_codec, codec_outcome>;

/// The calls that wait for the codec. Results go first: they are paid for, and an attempt ends with
/// each. Uploads, for which somebody waits, and the sources of jobs, which may be many, take turns.
/// Each kind in the order of arrival.
class codec_queue {
 public:
  void add_result(codec_call call) { results_.push_back(std::move(call)); }
  void add_upload(codec_call call) { uploads_.push_back(std::move(call)); }
  void add_source(codec_call call, std::size_t bytes);

  /// Nothing where nothing waits.
  std::optional<codec_call> take();

  [[nodiscard]] std::size_t size() const noexcept {
    return results_.size() + uploads_.size() + sources_.size();
  }
  [[nodiscard]] std::size_t uploads() const noexcept { return uploads_.size(); }

  /// Of the sources that wait.
  [[nodiscard]] std::size_t source_bytes() const noexcept { return source_bytes_; }

 private:
  struct source {
    codec_call call;
    std::size_t bytes;
  };

  codec_call take_source();

  std::deque<codec_call> results_;
  std::deque<codec_call> uploads_;
  std::deque<source> sources_;
  std::size_t source_bytes_ = 0;
  bool is_turn_of_upload_ = true;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::codec_outcome)
