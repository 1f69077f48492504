// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/webp_decoder.hpp"

#include "adapters/image_codec/probe/formats/webp_chunks.hpp"

#include <memory>
#include <webp/decode.h>
#include <webp/demux.h>

namespace stayler::adapters {

namespace {

failure bad_webp(VP8StatusCode status) {
  const bool is_short = status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED;
  return {
      error_class::invalid_input,
      is_short ? "the WebP picture is cut off: its data ends before the last rows"
               : "the WebP picture's data is damaged",
      {}};
}

result<raster> decode_frame(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    return failure{error_class::internal_bug, "libwebp is of another version", {}};
  }
  if (const auto status = WebPGetFeatures(data, bytes.size(), &config.input);
      status != VP8_STATUS_OK) {
    return bad_webp(status);
  }
  const bool has_alpha = config.input.has_alpha != 0;
  raster pixels{
      {static_cast<std::size_t>(config.input.width), static_cast<std::size_t>(config.input.height)},
      has_alpha ? pixel_kind::rgba : pixel_kind::rgb};
  config.output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {
      pixels.bytes().data(), static_cast<int>(pixels.row_bytes()), pixels.bytes().size()};
  const auto status = WebPDecode(data, bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status == VP8_STATUS_OUT_OF_MEMORY) {
    throw std::bad_alloc{};
  }
  if (status != VP8_STATUS_OK) {
    return bad_webp(status);
  }
  return pixels;
}

struct delete_demuxer {
  void operator()(WebPDemuxer* demuxer) const noexcept { WebPDemuxDelete(demuxer); }
};

struct frame_iterator : WebPIterator {
  frame_iterator() : WebPIterator{} {}
  frame_iterator(const frame_iterator&) = delete;
  frame_iterator& operator=(const frame_iterator&) = delete;
  ~frame_iterator() { WebPDemuxReleaseIterator(this); }
};

result<raster> decode_first_frame(std::span<const std::byte> bytes, extent canvas) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  const std::unique_ptr<WebPDemuxer, delete_demuxer> demuxer{WebPDemux(&data)};
  frame_iterator frame;
  if (demuxer == nullptr || WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) {
    return bad_webp(VP8_STATUS_BITSTREAM_ERROR);
  }
  auto pixels = decode_frame(std::as_bytes(std::span{frame.fragment.bytes, frame.fragment.size}));
  if (!pixels || (pixels->size() == canvas && pixels->kind() == pixel_kind::rgb)) {
    return pixels;
  }
  return on_canvas(
      *pixels, canvas, static_cast<std::size_t>(frame.x_offset),
      static_cast<std::size_t>(frame.y_offset)
  );
}

}  // namespace

result<decoded_picture> decode_webp(std::span<const std::byte> bytes) {
  const auto facts = read_webp(bytes);
  if (!facts) {
    return facts.error();
  }
  auto pixels = facts->is_animated ? decode_first_frame(bytes, {facts->width, facts->height})
                                   : decode_frame(bytes);
  if (!pixels) {
    return std::move(pixels).error();
  }
  return decoded_picture{
      std::move(*pixels), {{facts->profile.begin(), facts->profile.end()}, std::nullopt, false}};
}

}  // namespace stayler::adapters
