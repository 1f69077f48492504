// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/jpeg/jpeg_turning.hpp"

#include <memory>
#include <turbojpeg.h>

namespace stayler::adapters {

namespace {

struct destroy_transformer {
  void operator()(void* handle) const noexcept { tjDestroy(handle); }
};

struct free_jpeg {
  void operator()(unsigned char* bytes) const noexcept { tjFree(bytes); }
};

int operation_of(orientation lies) {
  switch (lies) {
    case orientation::mirrored:
      return TJXOP_HFLIP;
    case orientation::upside_down:
      return TJXOP_ROT180;
    case orientation::mirrored_down:
      return TJXOP_VFLIP;
    case orientation::transposed:
      return TJXOP_TRANSPOSE;
    case orientation::turned_left:
      return TJXOP_ROT90;
    case orientation::transversed:
      return TJXOP_TRANSVERSE;
    case orientation::turned_right:
      return TJXOP_ROT270;
    case orientation::upright:
      break;
  }
  return TJXOP_NONE;
}

}  // namespace

std::optional<std::vector<std::byte>> turn_losslessly(
    std::span<const std::byte> jpeg, orientation lies
) {
  const std::unique_ptr<void, destroy_transformer> transformer{tjInitTransform()};
  tjtransform change{};
  change.op = operation_of(lies);
  change.options = TJXOPT_PERFECT;
  unsigned char* made = nullptr;
  unsigned long size = 0;
  const int status = tjTransform(
      transformer.get(), reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size(), 1, &made,
      &size, &change, 0
  );
  const std::unique_ptr<unsigned char, free_jpeg> owner{made};
  if (status != 0 || made == nullptr) {
    return std::nullopt;
  }
  const auto* begin = reinterpret_cast<const std::byte*>(made);
  return std::vector<std::byte>{begin, begin + size};
}

}  // namespace stayler::adapters
