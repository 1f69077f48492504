// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace stayler::adapters {

/// The ICC profile of sRGB, made once per process; empty where it cannot be made.
const std::vector<std::byte>& srgb_profile();

}  // namespace stayler::adapters
