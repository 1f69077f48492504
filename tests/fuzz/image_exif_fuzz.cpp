// SPDX-License-Identifier: MIT

// Any bytes are an EXIF block or a TIFF file, or nothing; nothing is read out of bounds.
#include "adapters/image_codec/probe/exif_facts.hpp"
#include "adapters/image_codec/probe/formats/tiff_header.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstdint>

using namespace stayler;
using stayler::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto facts = adapters::read_exif(bytes);
  require(facts.lies >= adapters::orientation::upright);
  require(facts.lies <= adapters::orientation::turned_right);
  require(facts.is_uncalibrated || !facts.is_adobe_rgb);
  if (const auto header = adapters::read_tiff(bytes); !header) {
    fuzz::require_reason(header.error());
  }
  return 0;
}
