// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"
#include "messages/service/codec_status.hpp"

#include <vector>

namespace stayler::adapters {

/// Decodes and encodes pictures. Calls block and use CPU; they may come from several threads. The
/// limits are checked before decoding. Errors are invalid_input unless said otherwise.
class image_codec {
 public:
  virtual ~image_codec() = default;

  /// An upload as it may be stored and served: proven whole, upright, without any metadata but a
  /// colour profile; in its own format where browsers show that, else as JPEG. Pixels are encoded
  /// anew only where there is no other way. With a thumbnail.
  virtual result<sanitized_image> sanitize(const shared_bytes& bytes) = 0;

  /// A picture fit for the provider: turned upright by its EXIF orientation, without metadata,
  /// converted to sRGB, no side above provider_side; JPEG, or PNG where it has transparency. Fails
  /// on truncated data rather than sending half a picture.
  virtual result<prepared_image> prepare(const shared_bytes& bytes) = 0;

  /// A provider's answer as it will be stored, in that format, with a thumbnail. no_image where the
  /// bytes do not decode, and where the picture is too small, a strip, one flat colour, or one of
  /// the inputs again, by their signatures.
  virtual result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) = 0;

  /// The operations applied in order to the upright picture; the thumbnail is always made.
  virtual result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  ) = 0;

  /// How the processes are that do the work, where there are any. Does not block.
  [[nodiscard]] virtual codec_status status() const { return {}; }
};

}  // namespace stayler::adapters
