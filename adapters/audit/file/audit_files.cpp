// SPDX-License-Identifier: MIT
#include "adapters/audit/file/audit_files.hpp"

#include "adapters/audit/file/audit_line.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/small_file/small_file.hpp"
#include "messages/base/random.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <span>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace stayler::adapters {

namespace {

failure cannot_use(const std::filesystem::path& file) {
  return {error_class::unavailable, "audit file " + file.string() + ": " + std::strerror(errno)};
}

result<std::string> make_key(const std::filesystem::path& file) {
  std::array<char, 32> random{};
  const int opened = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (opened < 0) {
    return cannot_use(file);
  }
  const bool is_random = fill_random(std::as_writable_bytes(std::span{random}));
  const std::string key = hmac_sha256_hex({random.data(), random.size()}, "audit");
  const bool is_written =
      is_random && ::write(opened, key.data(), key.size()) == static_cast<ssize_t>(key.size())
      && ::fsync(opened) == 0;
  auto why = cannot_use(file);
  ::close(opened);
  if (!is_written) {
    ::unlink(file.c_str());
    return why;
  }
  return key;
}

}  // namespace

result<std::string> own_audit_key(const audit_files& files, bool may_make) {
  auto lock = audit_lock::open(files);
  if (!lock) {
    return std::move(lock).error();
  }
  const std::scoped_lock held{*lock};
  auto kept = read_value_file(files.key().string());
  if (kept) {
    return kept;
  }
  if (kept.error().kind != error_class::not_found || !may_make) {
    return failure{kept.error().kind, files.key().string() + ": " + kept.error().message};
  }
  return make_key(files.key());
}

result<audit_lock> audit_lock::open(const audit_files& files) {
  const int opened = ::open(files.lock().c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (opened < 0) {
    return cannot_use(files.growing());
  }
  return audit_lock{opened};
}

audit_lock::~audit_lock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

void audit_lock::lock() noexcept {
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

void audit_lock::unlock() noexcept {
  ::flock(descriptor_, LOCK_UN);
}

}  // namespace stayler::adapters
