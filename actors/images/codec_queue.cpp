// SPDX-License-Identifier: MIT
#include "actors/images/codec_queue.hpp"

#include <utility>

namespace stayler::actors {

namespace {

codec_call take_first(std::deque<codec_call>& from) {
  codec_call first = std::move(from.front());
  from.pop_front();
  return first;
}

}  // namespace

void codec_queue::add_source(codec_call call, std::size_t bytes) {
  sources_.push_back({std::move(call), bytes});
  source_bytes_ += bytes;
}

std::optional<codec_call> codec_queue::take() {
  if (!results_.empty()) {
    return take_first(results_);
  }
  const bool takes_upload = !uploads_.empty() && (is_turn_of_upload_ || sources_.empty());
  is_turn_of_upload_ = !takes_upload;
  if (takes_upload) {
    return take_first(uploads_);
  }
  return sources_.empty() ? std::nullopt : std::optional{take_source()};
}

codec_call codec_queue::take_source() {
  source first = std::move(sources_.front());
  sources_.pop_front();
  source_bytes_ -= first.bytes;
  return std::move(first.call);
}

}  // namespace stayler::actors
