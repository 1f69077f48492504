// SPDX-License-Identifier: MIT
#include "adapters/blob_store/stored_file.hpp"

#include "adapters/blob_store/folder_sync.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace stayler::adapters {

namespace fs = std::filesystem;

failure file_failure(const std::string& action, const fs::path& path, int error) {
  return {
      error_class::unavailable,
      fmt::format(
          "cannot {} {}: {}", action, path.string(), std::generic_category().message(error)
      )};
}

void_result make_durable(const fs::path& folder) {
  const int error = sync_folder(folder);
  return error == 0 ? ok() : void_result{file_failure("sync", folder, error)};
}

void_result make_folders(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0777) == 0) {
    return folder.has_parent_path() ? make_durable(folder.parent_path()) : ok();
  }
  if (errno == ENOENT && folder.has_parent_path() && folder.parent_path() != folder) {
    if (auto made = make_folders(folder.parent_path()); !made) {
      return made;
    }
    if (::mkdir(folder.c_str(), 0777) == 0) {
      return make_durable(folder.parent_path());
    }
  }
  if (errno == EEXIST && fs::is_directory(folder)) {
    return ok();
  }
  return file_failure("create the folder", folder, errno);
}

int read_all(int fd, std::vector<std::byte>& bytes, std::uint64_t offset) noexcept {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::pread(
        fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(offset + filled)
    );
    if (count == 0) {
      break;
    }
    if (count > 0) {
      filled += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  bytes.resize(filled);
  return 0;
}

temporary_file::~temporary_file() {
  if (!is_kept) {
    ::unlink(path.c_str());
  }
}

}  // namespace stayler::adapters
