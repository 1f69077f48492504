// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/srgb_profile.hpp"

#include <lcms2.h>

namespace stayler::adapters {

namespace {

std::vector<std::byte> make_srgb_profile() {
  const cmsHPROFILE profile = cmsCreate_sRGBProfile();
  cmsUInt32Number size = 0;
  std::vector<std::byte> bytes;
  if (profile != nullptr && cmsSaveProfileToMem(profile, nullptr, &size) != 0) {
    bytes.resize(size);
    if (cmsSaveProfileToMem(profile, bytes.data(), &size) == 0) {
      bytes.clear();
    }
  }
  if (profile != nullptr) {
    cmsCloseProfile(profile);
  }
  return bytes;
}

}  // namespace

const std::vector<std::byte>& srgb_profile() {
  static const std::vector<std::byte> bytes = make_srgb_profile();
  return bytes;
}

}  // namespace stayler::adapters
