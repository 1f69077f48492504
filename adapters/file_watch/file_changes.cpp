// SPDX-License-Identifier: MIT
#include "adapters/file_watch/file_changes.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <sys/stat.h>
#include <utility>

namespace stayler::adapters {

namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

file_changes::file_changes(std::vector<std::filesystem::path> files)
    : files_(std::move(files)), known_(stamps()), seen_(known_) {}

bool file_changes::look() {
  auto now = stamps();
  const bool has_settled = now == seen_;
  seen_ = std::move(now);
  if (!has_settled || seen_ == known_) {
    return false;
  }
  known_ = seen_;
  return true;
}

file_changes::stamp file_changes::stamp_of(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    return {errno};
  }
  return {
      0,
      found.st_dev,
      found.st_ino,
      found.st_size,
      nanoseconds(found.st_mtim),
      nanoseconds(found.st_ctim)};
}

std::vector<file_changes::stamp> file_changes::stamps() const {
  std::vector<stamp> found;
  std::ranges::transform(files_, std::back_inserter(found), stamp_of);
  return found;
}

}  // namespace stayler::adapters
