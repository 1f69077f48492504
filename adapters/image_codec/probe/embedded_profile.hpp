// SPDX-License-Identifier: MIT
#pragma once

namespace stayler::adapters {

/// What becomes of the colour profile when a picture's metadata is cut out.
enum class embedded_profile { kept, dropped };

}  // namespace stayler::adapters
