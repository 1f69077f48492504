// SPDX-License-Identifier: MIT
#include "adapters/sqlite/file_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace stayler::adapters {

namespace {

std::string reason_of(int code) {
  return std::generic_category().message(code);
}

}  // namespace

result<file_lock> file_lock::acquire(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return failure{
        error_class::unavailable, "cannot open " + file.string() + ": " + reason_of(errno)};
  }
  file_lock lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    const bool is_held = code == EWOULDBLOCK;
    return failure{
        is_held ? error_class::conflict : error_class::unavailable,
        file.string() + (is_held ? " is held by another process" : ": " + reason_of(code))};
  }
  return lock;
}

file_lock::~file_lock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace stayler::adapters
