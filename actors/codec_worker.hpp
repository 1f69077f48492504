// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/image_codec.hpp"
#include "messages/protocol.hpp"

#include <memory>

namespace stayler::actors {

/// One thread of the codec pool. It takes the requests of the image processor, as they are.
using codec_worker_actor = image_processor_actor;

struct codec_worker_state {
  const char* name = "codec_worker";
};

/// Serves a codec, one call at a time. Its calls use a core for as long as they take: spawn it
/// detached. A codec that throws ends the worker; the request is answered with internal_bug.
codec_worker_actor::behavior_type codec_worker(
    codec_worker_actor::stateful_pointer<codec_worker_state> self,
    std::shared_ptr<adapters::image_codec> codec
);

}  // namespace stayler::actors
