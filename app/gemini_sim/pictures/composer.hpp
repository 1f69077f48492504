// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/models/model_catalog.hpp"
#include "app/gemini_sim/requests/generate_request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::sim {

/// An encoded picture, ready to be written into answers.
struct picture {
  std::string mime_type;
  std::string base64;
  pixel_size size;
  std::size_t bytes = 0;
};

using picture_ptr = std::shared_ptr<const picture>;

struct composer_options {
  bool as_png = false;                            ///< JPEG otherwise
  std::uint32_t longest_side = 0;                 ///< caps the pictures made; 0: no cap
  std::size_t cache_bytes = 128UL * 1024 * 1024;  ///< of finished pictures
};

/// What is drawn.
enum class motif : std::uint8_t {
  try_on,  ///< what was asked for
  flat,    ///< one colour
  echo,    ///< the first input again, scaled and encoded anew; a gradient where there is none
  tiny,    ///< the try-on, no side above 48 pixels
};

struct composer_counts {
  std::uint64_t composed = 0;
  std::uint64_t cache_hits = 0;
};

/// Makes the pictures: the first input fills the frame, the second, cut out of its flat background,
/// is laid on the torso. With one input that one comes back, tinted and framed; with none, a
/// gradient. Equal inputs give the same picture, from a bounded cache. Safe from any thread; calls
/// block and use CPU.
class composer {
 public:
  explicit composer(const composer_options& options);
  ~composer();

  /// The size that the header tells; an error where the bytes do not decode that far.
  [[nodiscard]] checked<pixel_size> measure(const input_image& input) const;

  /// A picture of exactly that size (or the cap's share of it). An error names the input that does
  /// not decode; every input is decoded, although only two are used.
  checked<picture_ptr> compose(
      const std::vector<input_image>& inputs,
      pixel_size size,
      std::string_view prompt,
      motif what = motif::try_on
  );

  [[nodiscard]] composer_counts counts() const;

 private:
  class cache;

  composer_options options_;
  std::unique_ptr<cache> cache_;
};

}  // namespace stayler::sim
