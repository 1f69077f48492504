// SPDX-License-Identifier: MIT

// Any bytes are the boxes of a HEIF file or a refusal with a reason; its items lie within the file.
#include "adapters/image_codec/probe/heif/heif_boxes.hpp"
#include "adapters/image_codec/probe/heif/heif_items.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstdint>

using namespace stayler;
using stayler::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  if (const auto items = adapters::read_heif_items(bytes)) {
    require(items->by_id.size() <= 4'096);
    for (const auto& [id, item] : items->by_id) {
      require(item.data <= size && item.data_bytes <= size - item.data);
    }
  }
  const auto header = adapters::read_heif(bytes);
  if (!header) {
    fuzz::require_reason(header.error());
    return 0;
  }
  require(header->info.width > 0 && header->info.height > 0);
  require(header->coded_pixels >= std::uint64_t{header->info.width} * header->info.height);
  require(header->lies == adapters::orientation::upright);
  require(
      adapters::detect_heif(bytes).format.has_value() || !adapters::detect_heif(bytes).name.empty()
  );
  return 0;
}
