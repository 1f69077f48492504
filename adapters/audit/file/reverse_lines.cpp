// SPDX-License-Identifier: MIT
#include "adapters/audit/file/reverse_lines.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::uint64_t block_size = 65'536;

}  // namespace

reverse_lines::reverse_lines(const std::filesystem::path& file)
    : file_(file, std::ios::binary | std::ios::ate) {
  before_ = file_ ? static_cast<std::uint64_t>(std::max<std::streamoff>(file_.tellg(), 0)) : 0;
  auto end = std::string::npos;
  while ((end = buffer_.rfind('\n')) == std::string::npos && read_more()) {
  }
  torn_ = end == std::string::npos ? buffer_.size() : buffer_.size() - end - 1;
  buffer_.resize(buffer_.size() - torn_ - (end == std::string::npos ? 0 : 1));
  is_done_ = end == std::string::npos;
}

bool reverse_lines::read_more() {
  const std::uint64_t count = std::min(before_, block_size);
  std::string block(count, '\0');
  file_.seekg(static_cast<std::streamoff>(before_ - count));
  if (count == 0 || !file_.read(block.data(), static_cast<std::streamsize>(count))) {
    return false;
  }
  before_ -= count;
  buffer_.insert(0, block);
  return true;
}

std::optional<std::string> reverse_lines::next() {
  auto end = std::string::npos;
  while (!is_done_ && (end = buffer_.rfind('\n')) == std::string::npos && read_more()) {
  }
  if (is_done_) {
    return std::nullopt;
  }
  if (end == std::string::npos) {
    is_done_ = true;
    return std::exchange(buffer_, {});
  }
  std::string line = buffer_.substr(end + 1);
  buffer_.resize(end);
  return line;
}

}  // namespace stayler::adapters
