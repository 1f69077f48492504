// SPDX-License-Identifier: MIT

// Writes small JPEG files that decode, and broken ones, into the folder given.
#include "adapters/image_codec/pixels/jpeg/jpeg_encoder.hpp"
#include "adapters/image_codec/pixels/jpeg/jpeg_turning.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

using namespace stayler::adapters;

namespace {

void put(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::ofstream{file, std::ios::binary}.write(
      reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())
  );
}

raster make_picture(extent size) {
  raster picture{size, pixel_kind::rgb};
  std::uint32_t noise = 1;
  for (std::uint8_t& each : picture.bytes()) {
    noise = noise * 1'103'515'245 + 12'345;
    each = static_cast<std::uint8_t>(noise >> 24);
  }
  return picture;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: jpeg_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder{argv[1]};
  for (const extent size : {extent{16, 16}, extent{33, 17}, extent{1, 64}}) {
    const auto jpeg = encode_jpeg(make_picture(size), 60);
    if (!jpeg) {
      return 1;
    }
    const std::string name = std::to_string(size.width);
    put(folder / name, *jpeg);
    put(folder / (name + "-half"), std::span{*jpeg}.first(jpeg->size() * 3 / 4));
    if (const auto turned = turn_losslessly(*jpeg, orientation::turned_left)) {
      put(folder / (name + "-turned"), *turned);
    }
  }
  return 0;
}
