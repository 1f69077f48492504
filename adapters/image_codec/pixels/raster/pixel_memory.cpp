// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/raster/pixel_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr std::size_t most_kept_bytes = std::size_t{64} << 20U;
constexpr std::size_t huge_page = std::size_t{2} << 20U;
constexpr std::size_t small_unit = std::size_t{64} << 10U;

struct memory_block {
  std::uint8_t* data = nullptr;
  std::size_t capacity = 0;
};

/// The blocks that nobody uses.
class block_store {
 public:
  /// The smallest kept block that is large enough, or none.
  memory_block take(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    auto best = kept_.end();
    for (auto block = kept_.begin(); block != kept_.end(); ++block) {
      const bool is_better = best == kept_.end() || block->capacity < best->capacity;
      if (block->capacity >= bytes && is_better) {
        best = block;
      }
    }
    if (best == kept_.end()) {
      return {};
    }
    const memory_block found = *best;
    kept_.erase(best);
    kept_bytes_ -= found.capacity;
    return found;
  }

  /// False where enough is kept already.
  bool keep(const memory_block& block) noexcept {
    const std::lock_guard lock{mutex_};
    if (kept_bytes_ + block.capacity > most_kept_bytes || kept_.size() == kept_.capacity()) {
      return false;
    }
    kept_.push_back(block);
    kept_bytes_ += block.capacity;
    return true;
  }

  block_store() { kept_.reserve(16); }
  ~block_store() {
    for (const memory_block& block : kept_) {
      std::free(block.data);
    }
  }

 private:
  std::mutex mutex_;
  std::vector<memory_block> kept_;
  std::size_t kept_bytes_ = 0;
};

block_store& spare_blocks() {
  static block_store blocks;
  return blocks;
}

std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return std::max<std::size_t>(1, (bytes + unit - 1) / unit) * unit;
}

memory_block allocate(std::size_t bytes) {
  const std::size_t unit = bytes < huge_page / 2 ? small_unit : huge_page;
  const std::size_t capacity = rounded_up(bytes, unit);
  auto* data = static_cast<std::uint8_t*>(std::aligned_alloc(unit, capacity));
  if (data == nullptr) {
    throw std::bad_alloc{};
  }
  if (unit == huge_page) {
    // Five hundred page faults become one. Where the kernel has no huge pages nothing changes.
    madvise(data, capacity, MADV_HUGEPAGE);
  }
  return {data, capacity};
}

}  // namespace

pixel_memory::pixel_memory(std::size_t bytes) {
  memory_block block = spare_blocks().take(bytes);
  if (block.data == nullptr) {
    block = allocate(bytes);
  }
  data_ = block.data;
  capacity_ = block.capacity;
}

pixel_memory::pixel_memory(pixel_memory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}

pixel_memory& pixel_memory::operator=(pixel_memory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

pixel_memory::~pixel_memory() {
  if (data_ != nullptr && !spare_blocks().keep({data_, capacity_})) {
    std::free(data_);
  }
}

}  // namespace stayler::adapters
