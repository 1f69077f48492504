// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace stayler::adapters {

/// The signature of a picture that has been averaged down to 16 x 16 pixels: red, green and blue,
/// row by row.
image_signature make_signature(
    std::span<const std::uint8_t, 3 * image_signature::side * image_signature::side> rgb
);

/// How much there is to be seen: the root mean square by which the cells differ from their common
/// mean, in the channel that varies most. 0 for one colour, up to 127.5.
double spread_of(const image_signature& picture) noexcept;

/// How different two pictures are where they differ most: the mean absolute difference, over cells
/// and channels, in that of their 4 x 4 regions where it is largest. 0 for the same, up to 255.
double difference_of(const image_signature& one, const image_signature& other) noexcept;

/// Whether a picture of that size is one that the models draw, whose longest are 1:8 and 8:1.
/// no_image.
void_result check_size(const image_info& info, std::uint32_t least_side);

/// Whether a provider's picture shows something, and something else than one of the inputs.
/// no_image.
void_result check_content(const image_signature& made, const std::vector<image_signature>& inputs);

}  // namespace stayler::adapters
