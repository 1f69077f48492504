// SPDX-License-Identifier: MIT
#include "adapters/blob_store/folder_sync.hpp"

#include "adapters/log/log.hpp"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace stayler::adapters {

namespace {

using logs::images::log;

/// 0, or the error number.
int flush_folder(const std::filesystem::path& folder) noexcept {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return errno;
  }
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

void warn_once(const std::filesystem::path& folder, int error) {
  static std::atomic_flag has_warned;
  if (!has_warned.test_and_set()) {
    log.warning(
        "this file system cannot make folders durable: a loss of power may cost the latest images",
        {{"folder", folder.string()}, {"reason", std::generic_category().message(error)}}
    );
  }
}

}  // namespace

int sync_folder(const std::filesystem::path& folder) {
  const int error = flush_folder(folder);
  const bool cannot_be_had = error == EINVAL || error == ENOTSUP || error == ENOSYS;
  if (cannot_be_had) {
    warn_once(folder, error);
  }
  return cannot_be_had ? 0 : error;
}

}  // namespace stayler::adapters
