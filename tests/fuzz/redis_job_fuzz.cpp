// SPDX-License-Identifier: MIT

// Whatever Redis holds in a job's place, or answers to a claim: it is a job that is the same when
// it is stored and read again, or it is refused.
#include "adapters/job_store/redis/redis_job_value.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::adapters;
using fuzz::require;

namespace {

/// A store keeps the name of an instance in 64 KiB.
constexpr std::size_t longest_name = 0xFFFF;

void check_job(const redis_job& read) {
  require(read.stored.instance_id.size() <= longest_name);
  require(redis_flow(read.stored).size() == 2 + read.stored.value.request.user_id.size());
  require(redis_id_of(redis_id(read.stored.value.id)) == read.stored.value.id);
  const auto again = unpack_redis_job(pack_redis_job(read));
  require(again && again->version == read.version && again->stored.value == read.stored.value);
  require(again->stored.instance_id == read.stored.instance_id);
  require(again->stored.over == read.stored.over);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto read = unpack_redis_job(bytes)) {
    check_job(*read);
  } else {
    require(read.error().kind == error_class::internal_bug);
  }
  redis_job pending;
  if (replay_claim(pending, bytes)) {
    require(pending.version == 1);
    check_job(pending);
  } else {
    require(pending.version == 0 && pending.stored.value == job{});
  }
  return 0;
}
