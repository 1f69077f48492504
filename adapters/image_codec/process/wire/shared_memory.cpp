// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/wire/shared_memory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

failure no_memory(const char* what) {
  const std::string reason = std::system_category().message(errno);
  return {error_class::unavailable, std::string{what} + " failed: " + reason, {}};
}

/// Not executable where the kernel (6.3) and the C library know of that.
int open_memory_file() {
  constexpr const char* name = "stayler-codec";
#ifdef MFD_NOEXEC_SEAL
  const int descriptor = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  if (descriptor >= 0 || errno != EINVAL) {
    return descriptor;
  }
#endif
  return ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

}  // namespace

shared_memory::shared_memory(shared_memory&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})) {}

shared_memory::~shared_memory() {
  if (!bytes_.empty()) {
    ::munmap(bytes_.data(), bytes_.size());
  }
}

result<shared_memory> shared_memory::map(int descriptor, std::size_t bytes) {
  void* const start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (start == MAP_FAILED) {
    return no_memory("mmap");
  }
  return shared_memory{{static_cast<std::byte*>(start), bytes}};
}

result<file_descriptor> make_memory_file(std::size_t bytes) {
  file_descriptor file{open_memory_file()};
  if (!file) {
    return no_memory("memfd_create");
  }
  if (::ftruncate(file.number(), static_cast<::off_t>(bytes)) != 0) {
    return no_memory("ftruncate");
  }
  if (::fcntl(file.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return no_memory("sealing a memory file");
  }
  return file;
}

}  // namespace stayler::adapters
