// SPDX-License-Identifier: MIT
#include "http/server/memory/spool_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <new>
#include <string>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

namespace stayler::http {

namespace {

failure disk_failure(const std::filesystem::path& folder, int error) {
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return {
      is_full ? error_class::store_full : error_class::unavailable,
      "cannot keep a body in " + folder.string() + ": " + std::generic_category().message(error)};
}

/// -1 with errno where there is none to be had.
int open_without_name(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
    return fd;
  }
  // A file system that knows no such files, or an old kernel.
  std::string name = (folder / "upload-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) {
    ::unlink(name.c_str());
  }
  return named;
}

}  // namespace

spool_file::~spool_file() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void_result spool_file::open() {
  fd_ = open_without_name(options_.folder);
  return fd_ >= 0 ? ok() : void_result{disk_failure(options_.folder, errno)};
}

bool spool_file::leaves_room(std::size_t bytes) const {
  struct statvfs disk {};
  if (::fstatvfs(fd_, &disk) != 0) {
    return true;  // the write will tell
  }
  const std::uint64_t block = disk.f_frsize;
  const auto spare =
      std::min(options_.spare_bytes, disk.f_blocks * block / 100 * options_.spare_percent);
  return disk.f_bavail * block >= spare + bytes;
}

void_result spool_file::append(std::string_view bytes) {
  if (fd_ < 0) {
    if (auto opened = open(); !opened) {
      return opened;
    }
  }
  if (!leaves_room(bytes.size())) {
    return disk_failure(options_.folder, ENOSPC);
  }
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      size_ += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return disk_failure(options_.folder, errno);
    }
  }
  return ok();
}

result<std::vector<std::byte>> spool_file::read() const {
  std::vector<std::byte> bytes;
  try {
    bytes.resize(size_);
  } catch (const std::bad_alloc&) {
    return failure{error_class::unavailable, "no memory for a body"};
  }
  std::size_t filled = 0;
  while (filled < size_) {
    const ssize_t count =
        ::pread(fd_, bytes.data() + filled, size_ - filled, static_cast<off_t>(filled));
    if (count > 0) {
      filled += static_cast<std::size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      return disk_failure(options_.folder, count == 0 ? EIO : errno);
    }
  }
  return bytes;
}

}  // namespace stayler::http
