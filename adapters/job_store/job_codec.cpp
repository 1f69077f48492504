// SPDX-License-Identifier: MIT
#include "adapters/job_store/job_codec.hpp"

#include "adapters/codec/byte_codec.hpp"

#include <utility>

namespace stayler::adapters {

std::string encode_job(const job& value) {
  return encode_bytes(value);
}

result<job> decode_job(std::string_view bytes) {
  auto value = decode_bytes<job>(bytes);
  if (!value) {
    return failure{error_class::internal_bug, "the stored bytes are no job"};
  }
  return *std::move(value);
}

}  // namespace stayler::adapters
