// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/job_record.hpp"

#include "adapters/job_store/job_codec.hpp"

namespace stayler::adapters {

stored_job job_record::read() const {
  if (live) {
    return *live;
  }
  return {decode_job(packed).value(), {}, over};
}

void job_record::write(const stored_job& stored) {
  if (stored.value.status == job_status::processing) {
    packed = {};
    live = std::make_unique<stored_job>(stored);
  } else {
    packed = encode_job(stored.value);
    packed.shrink_to_fit();
    live = nullptr;
  }
}

}  // namespace stayler::adapters
