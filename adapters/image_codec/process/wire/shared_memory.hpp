// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_descriptor/file_descriptor.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// Memory that two processes have mapped. It stays mapped as long as this lives: the first touch of
/// a page is what costs, about 15 us on a virtual machine, and a new mapping pays it again.
class shared_memory {
 public:
  shared_memory(shared_memory&& other) noexcept;
  shared_memory& operator=(shared_memory&&) = delete;
  ~shared_memory();

  /// Maps that file from its beginning. unavailable.
  static result<shared_memory> map(int descriptor, std::size_t bytes);

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

 private:
  explicit shared_memory(std::span<std::byte> bytes) noexcept : bytes_(bytes) {}

  std::span<std::byte> bytes_;
};

/// A file that is only memory. Sealed: nobody can make it shorter, which would kill a process that
/// has it mapped, or longer. Its pages exist once they are touched. unavailable.
result<file_descriptor> make_memory_file(std::size_t bytes);

}  // namespace stayler::adapters
