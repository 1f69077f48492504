// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace stayler::adapters {

/// Memory for the pixels of one picture, of undefined content. Blocks that are given back are kept,
/// up to 64 MiB in the whole process, and handed out again: to touch fresh memory for the first
/// time costs more than to decode a photograph into it. Safe to use from several threads.
class pixel_memory {
 public:
  pixel_memory() = default;

  /// At least that many bytes. Throws std::bad_alloc where there are none.
  explicit pixel_memory(std::size_t bytes);

  pixel_memory(pixel_memory&& other) noexcept;
  pixel_memory& operator=(pixel_memory&& other) noexcept;
  ~pixel_memory();

  [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace stayler::adapters
