// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// A job as bytes (adapters/codec/byte_codec.hpp), as stores keep it: a third of what it takes as
/// an object.
std::string encode_job(const job& value);

/// internal_bug where the bytes are no job.
result<job> decode_job(std::string_view bytes);

}  // namespace stayler::adapters
