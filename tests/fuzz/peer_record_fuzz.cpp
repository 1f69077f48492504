// SPDX-License-Identifier: MIT

// Whatever stands where another coordinator's record should: it is one with a name, the same when
// it is written and read again, or it is refused with a reason.
#include "policies/provider/sharing/peer_record.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace stayler;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto record = policies::decode_peer_record(text);
  if (!record) {
    require(record.error().kind == error_class::invalid_input && !record.error().message.empty());
    return 0;
  }
  require(!record->instance_id.empty());
  for (const policies::peer_key& key : record->keys) {
    require(key.refused_for.count() >= 0);
  }
  const auto again = policies::decode_peer_record(encode(*record));
  require(again && *again == *record);
  return 0;
}
