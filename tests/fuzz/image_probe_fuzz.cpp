// SPDX-License-Identifier: MIT

// Any bytes give the size of a picture or a refusal with a reason; nothing is read out of bounds.
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/probe/image_structure.hpp"

#include <cstdlib>

using namespace stayler;
using namespace stayler::adapters;

namespace {

void require(bool claim) {
  if (!claim) {
    std::abort();
  }
}

void require_reason(const failure& error) {
  require(error.kind == error_class::invalid_input && !error.message.empty());
  require(error.message.size() < 200);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span{data, size});
  const auto info = read_image_info(bytes);
  if (!info) {
    require_reason(info.error());
    return 0;
  }
  require(info->width > 0 && info->height > 0);
  if (const auto checked = check_structure(bytes, *info); !checked) {
    require_reason(checked.error());
  }
  return 0;
}
