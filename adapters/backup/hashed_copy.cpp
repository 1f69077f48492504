// SPDX-License-Identifier: MIT
#include "adapters/backup/hashed_copy.hpp"

#include "adapters/blob_store/stored_file.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/file_descriptor/file_descriptor.hpp"
#include "adapters/file_descriptor/write_all.hpp"
#include "messages/base/text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace stayler::adapters {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1U << 20U;

/// 0, or an error number.
using piece_writer = std::function<int(std::span<const std::byte>)>;

failure read_failure(const fs::path& file, int error) {
  failure why = file_failure("read", file, error);
  if (error == ENOENT) {
    why.kind = error_class::not_found;
  }
  return why;
}

result<file_sum> read_pieces(const fs::path& file, const piece_writer& write) {
  const file_descriptor source{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!source) {
    return read_failure(file, errno);
  }
  sha256_hasher hasher;
  file_sum sum;
  std::vector<std::byte> piece(piece_bytes);
  while (piece.size() == piece_bytes) {
    if (const int error = read_all(source.number(), piece, sum.bytes); error != 0) {
      return read_failure(file, error);
    }
    hasher.add(piece);
    sum.bytes += piece.size();
    if (const int error = write(piece); error != 0) {
      return file_failure("copy", file, error);
    }
  }
  sum.sha256 = to_hex(hasher.digest());
  return sum;
}

file_descriptor make_file(const fs::path& file) {
  return file_descriptor{
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
}

}  // namespace

result<file_sum> hash_file(const fs::path& file) {
  return read_pieces(file, [](std::span<const std::byte>) { return 0; });
}

result<file_sum> copy_and_hash(const fs::path& from, const fs::path& to) {
  file_descriptor target;
  return read_pieces(from, [&](std::span<const std::byte> piece) {
    // Made when there is something to be copied: a source that has gone leaves none behind.
    if (!target) {
      target = make_file(to);
    }
    return target ? write_all(target.number(), piece) : errno;
  });
}

result<std::string> read_whole_file(const fs::path& file) {
  std::string text;
  const auto sum = read_pieces(file, [&text](std::span<const std::byte> piece) {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return 0;
  });
  return sum ? result<std::string>{std::move(text)} : sum.error();
}

void_result write_new_file(const fs::path& file, std::string_view text) {
  const file_descriptor made = make_file(file);
  const int error = made ? write_all(made.number(), std::as_bytes(std::span{text})) : errno;
  return error == 0 ? ok() : void_result{file_failure("write", file, error)};
}

void_result make_all_durable(const fs::path& folder) {
  const file_descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  const bool is_done = opened && ::syncfs(opened.number()) == 0;
  return is_done ? ok() : void_result{file_failure("flush", folder, errno)};
}

}  // namespace stayler::adapters
