// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

namespace stayler {

/// Fills the bytes with random ones of the kernel's, of which nobody can tell the next from those
/// before: good for keys. False where the system has none, with the reason in errno.
bool fill_random(std::span<std::byte> bytes) noexcept;

}  // namespace stayler
