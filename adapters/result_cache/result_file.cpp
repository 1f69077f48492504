// SPDX-License-Identifier: MIT
#include "adapters/result_cache/result_file.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/result_cache/number_bytes.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>

namespace stayler::adapters {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "stayler2";
constexpr std::size_t digest_size = sizeof(sha256_digest);
constexpr std::size_t numbers_at = magic.size() + digest_size;
constexpr std::size_t head_size = numbers_at + 5 * number_size;

struct file_head {
  std::string digest;   ///< of the key and of all that follows the digest
  std::string numbers;  ///< those below as they stand in the file
  timestamp stored_at;
  std::uint64_t mime_type_size = 0;
  std::uint64_t model_size = 0;
  std::uint64_t owner_size = 0;
  std::uint64_t image_size = 0;
};

std::error_code last_error() {
  return {errno, std::generic_category()};
}

std::string digest_of(
    const content_hash& key,
    std::string_view numbers,
    std::string_view texts,
    std::span<const std::byte> image
) {
  sha256_hasher hasher;
  hasher.add(std::as_bytes(std::span{key.bytes})).add(numbers).add(texts).add(image);
  const auto digest = hasher.digest();
  return {digest.begin(), digest.end()};
}

/// The head, where it is one and goes with the length of the file.
std::optional<file_head> read_head(std::istream& file, std::uint64_t file_size) {
  std::string bytes(head_size, '\0');
  if (file_size < head_size || !file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))
      || !bytes.starts_with(magic)) {
    return std::nullopt;
  }
  file_head head;
  head.digest = bytes.substr(magic.size(), digest_size);
  head.numbers = bytes.substr(numbers_at);
  const auto number = [&head](std::size_t index) {
    return number_from(std::string_view{head.numbers}.substr(index * number_size));
  };
  head.stored_at = timestamp{milliseconds{static_cast<std::int64_t>(number(0))}};
  head.mime_type_size = number(1);
  head.model_size = number(2);
  head.owner_size = number(3);
  head.image_size = number(4);
  // One after the other: a sum of made-up lengths could run over.
  std::uint64_t left = file_size - head_size;
  for (const auto size : {head.mime_type_size, head.model_size, head.owner_size, head.image_size}) {
    if (size > left) {
      return std::nullopt;
    }
    left -= size;
  }
  return left == 0 ? std::optional{std::move(head)} : std::nullopt;
}

std::optional<cached_result> read_entry(
    std::istream& file, std::uint64_t file_size, const content_hash& key
) {
  const auto head = read_head(file, file_size);
  if (!head) {
    return std::nullopt;
  }
  std::string texts(head->mime_type_size + head->model_size + head->owner_size, '\0');
  auto image = std::make_shared<std::vector<std::byte>>(head->image_size);
  file.read(texts.data(), static_cast<std::streamsize>(texts.size()));
  file.read(reinterpret_cast<char*>(image->data()), static_cast<std::streamsize>(image->size()));
  if (!file || digest_of(key, head->numbers, texts, *image) != head->digest) {
    return std::nullopt;
  }
  return cached_result{
      std::move(image), texts.substr(0, head->mime_type_size),
      texts.substr(head->mime_type_size, head->model_size),
      texts.substr(head->mime_type_size + head->model_size)};
}

void_result write_whole(
    const fs::path& path, std::string_view head, std::span<const std::byte> image
) {
  std::ofstream file{path, std::ios::binary};
  file.write(head.data(), static_cast<std::streamsize>(head.size()));
  file.write(
      reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size())
  );
  file.close();
  return file ? ok() : void_result{cannot("write", path, last_error())};
}

}  // namespace

failure cannot(const std::string& action, const fs::path& path, const std::error_code& why) {
  return {
      error_class::unavailable,
      fmt::format("cannot {} {}: {}", action, path.string(), why.message())};
}

std::uint64_t result_file_size(const cached_result& entry) {
  return head_size + entry.mime_type.size() + entry.model_version.size()
         + entry.user_id.size() + entry.image->size();
}

void_result write_result_file(
    const fs::path& path, const content_hash& key, const cached_result& entry, timestamp stored_at
) {
  const std::string numbers =
      number_bytes(static_cast<std::uint64_t>(stored_at.time_since_epoch().count()))
      + number_bytes(entry.mime_type.size()) + number_bytes(entry.model_version.size())
      + number_bytes(entry.user_id.size()) + number_bytes(entry.image->size());
  const std::string texts = entry.mime_type + entry.model_version + entry.user_id;
  const std::string head =
      std::string{magic} + digest_of(key, numbers, texts, *entry.image) + numbers + texts;
  fs::path temporary = path;
  temporary += "~";
  auto written = write_whole(temporary, head, *entry.image);
  std::error_code error;
  if (written) {
    fs::rename(temporary, path, error);
    if (!error) {
      return ok();
    }
    written = cannot("write", path, error);
  }
  fs::remove(temporary, error);
  return written;
}

result<std::optional<cached_result>> read_result_file(
    const fs::path& path, const content_hash& key
) {
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    const auto why = last_error();
    if (why == std::errc::no_such_file_or_directory || why == std::errc::not_a_directory) {
      return std::optional<cached_result>{};
    }
    return cannot("read", path, why);
  }
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? std::nullopt : read_entry(file, size, key);
}

std::optional<timestamp> read_stored_at(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::error_code error;
  const auto size = fs::file_size(path, error);
  const auto head = error ? std::nullopt : read_head(file, size);
  return head ? std::optional{head->stored_at} : std::nullopt;
}

std::optional<std::string> read_owner(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::error_code error;
  const auto size = fs::file_size(path, error);
  const auto head = error ? std::nullopt : read_head(file, size);
  if (!head) {
    return std::nullopt;
  }
  std::string owner(head->owner_size, '\0');
  file.seekg(static_cast<std::streamoff>(head->mime_type_size + head->model_size), std::ios::cur);
  file.read(owner.data(), static_cast<std::streamsize>(owner.size()));
  return file ? std::optional{std::move(owner)} : std::nullopt;
}

}  // namespace stayler::adapters
