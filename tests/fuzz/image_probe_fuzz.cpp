// SPDX-License-Identifier: MIT

// Any bytes give the size of a picture within the limits or a refusal with a reason; nothing is
// read out of bounds.
#include "adapters/image_codec/probe/examination.hpp"
#include "adapters/image_codec/probe/format_detection.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <algorithm>
#include <cstdint>

using namespace stayler;
using stayler::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const adapters::codec_limits limits;
  const auto header = adapters::examine(bytes, limits);
  if (!header) {
    fuzz::require_reason(header.error());
    return 0;
  }
  require(adapters::detect_format(bytes).has_value());
  require(header->info.width > 0 && header->info.height > 0);
  require(std::max(header->info.width, header->info.height) <= limits.max_side);
  require(header->coded_pixels > 0);
  require(header->lies >= adapters::orientation::upright);
  require(header->lies <= adapters::orientation::turned_right);
  return 0;
}
