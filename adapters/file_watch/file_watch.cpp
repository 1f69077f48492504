// SPDX-License-Identifier: MIT
#include "adapters/file_watch/file_watch.hpp"

#include <sys/stat.h>
#include <utility>

namespace stayler::adapters {

file_watch::file_watch(std::vector<std::string> files)
    : files_(std::move(files)), known_(look()), seen_(known_) {}

bool file_watch::has_changed() {
  auto now = look();
  const bool has_settled = now == seen_;
  seen_ = std::move(now);
  if (!has_settled || seen_ == known_) {
    return false;
  }
  known_ = seen_;
  return true;
}

std::vector<file_watch::trait> file_watch::look() const {
  std::vector<trait> traits;
  traits.reserve(files_.size());
  for (const std::string& file : files_) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) {
      traits.emplace_back();
      continue;
    }
    constexpr std::int64_t ns_per_second = 1'000'000'000;
    traits.push_back(
        {found.st_dev, found.st_ino, found.st_size,
         found.st_mtim.tv_sec * ns_per_second + found.st_mtim.tv_nsec}
    );
  }
  return traits;
}

}  // namespace stayler::adapters
