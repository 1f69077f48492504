// SPDX-License-Identifier: MIT
#pragma once

// What a folder of blobs needs of its files, straight on the system's calls: to know what is
// durable.

#include "adapters/file_descriptor/file_descriptor.hpp"
#include "messages/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// unavailable: what could not be done to which file, and why.
failure file_failure(const std::string& action, const std::filesystem::path& path, int error);

/// Makes durable which files the folder has. unavailable.
void_result make_durable(const std::filesystem::path& folder);

/// Makes the folder and those above it; what was made is durable on return. unavailable.
void_result make_folders(const std::filesystem::path& folder);

/// 0, or the error number; `bytes` shrinks where the file is shorter than it.
int read_all(int fd, std::vector<std::byte>& bytes, std::uint64_t offset) noexcept;

/// A file that is removed again unless it was renamed to its final place.
struct temporary_file {
  std::filesystem::path path;
  file_descriptor descriptor;
  bool is_kept = false;

  temporary_file(std::filesystem::path where, file_descriptor fd)
      : path(std::move(where)), descriptor(std::move(fd)) {}
  temporary_file(temporary_file&& other) noexcept
      : path(std::move(other.path)),
        descriptor(std::move(other.descriptor)),
        is_kept(std::exchange(other.is_kept, true)) {}
  temporary_file& operator=(temporary_file&&) = delete;
  ~temporary_file();
};

}  // namespace stayler::adapters
