// SPDX-License-Identifier: MIT
#include "adapters/result_cache/result_file.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/encryption/encrypted_bytes.hpp"
#include "adapters/log/log.hpp"
#include "adapters/result_cache/number_bytes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>

namespace stayler::adapters {

namespace {

namespace fs = std::filesystem;

using logs::images::log;

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
std::optional<file_head> read_head(std::string_view begin, std::uint64_t file_size) {
  if (file_size < head_size || begin.size() < head_size || !begin.starts_with(magic)) {
    return std::nullopt;
  }
  file_head head;
  head.digest = begin.substr(magic.size(), digest_size);
  head.numbers = begin.substr(numbers_at, head_size - numbers_at);
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
    std::span<const std::byte> content, const content_hash& key
) {
  const std::string_view text{reinterpret_cast<const char*>(content.data()), content.size()};
  const auto head = read_head(text, content.size());
  if (!head) {
    return std::nullopt;
  }
  const auto texts =
      text.substr(head_size, head->mime_type_size + head->model_size + head->owner_size);
  const auto image = content.last(head->image_size);
  if (digest_of(key, head->numbers, texts, image) != head->digest) {
    return std::nullopt;
  }
  const auto after_type = texts.substr(head->mime_type_size);
  return cached_result{
      std::make_shared<const std::vector<std::byte>>(image.begin(), image.end()),
      std::string{texts.substr(0, head->mime_type_size)},
      std::string{after_type.substr(0, head->model_size)},
      std::string{after_type.substr(head->model_size)}};
}

/// So many bytes of the file, fewer where it ends.
std::vector<std::byte> read_bytes(std::istream& file, std::uint64_t count) {
  std::vector<std::byte> bytes(count);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// What the file holds, as it was before it was encrypted; nothing where that cannot be known.
std::optional<std::vector<std::byte>> decrypted(
    std::vector<std::byte> stored, const encryption_keys& keys, const content_hash& key
) {
  if (keys.take_plain() && !read_encryption_header(stored)) {
    return stored;
  }
  auto content = decrypt(keys, to_string(key), stored);
  if (!content) {
    log.warning("an entry of the result cache is not used", {{"reason", content.error().message}});
    return std::nullopt;
  }
  return std::move(*content);
}

/// How the content of a file begins, as it was before it was encrypted, and how long it is.
struct file_begin {
  std::string text;
  std::uint64_t file_size = 0;
};

/// Head and texts are within it.
constexpr std::size_t begin_size = 4'096;

std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<file_begin> decrypt_begin(
    std::istream& file,
    std::uint64_t file_size,
    const encryption_header& header,
    const encryption_keys& keys,
    const content_hash& key
) {
  const std::uint64_t size = header.plain_size();
  if (size > file_size || encrypted_size(size) != file_size) {
    return std::nullopt;
  }
  const auto pieces = read_bytes(file, pieces_of(size, 0, begin_size).count);
  const auto begin = decrypt_part(keys, to_string(key), header, pieces, 0, begin_size);
  return begin ? std::optional{file_begin{to_text(*begin), size}} : std::nullopt;
}

std::optional<file_begin> read_begin(
    const fs::path& path, const encryption_keys& keys, const content_hash& key
) {
  std::ifstream file{path, std::ios::binary};
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  if (error) {
    return std::nullopt;
  }
  auto begin = read_bytes(file, encryption_header_size);
  if (const auto header = read_encryption_header(begin)) {
    return decrypt_begin(file, size, *header, keys, key);
  }
  if (!keys.take_plain()) {
    return std::nullopt;
  }
  const auto rest = read_bytes(file, begin_size - begin.size());
  return file_begin{to_text(begin) + to_text(rest), size};
}

std::vector<std::byte> join(std::string_view head, std::span<const std::byte> image) {
  const auto begin = std::as_bytes(std::span{head});
  std::vector<std::byte> content;
  content.reserve(begin.size() + image.size());
  content.insert(content.end(), begin.begin(), begin.end());
  content.insert(content.end(), image.begin(), image.end());
  return content;
}

void_result write_whole(const fs::path& path, std::span<const std::byte> content) {
  std::ofstream file{path, std::ios::binary};
  file.write(
      reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size())
  );
  file.close();
  return file ? ok() : void_result{cannot("write", path, last_error())};
}

/// By way of another name.
void_result replace_file(const fs::path& path, std::span<const std::byte> content) {
  fs::path temporary = path;
  temporary += "~";
  auto written = write_whole(temporary, content);
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

}  // namespace

failure cannot(const std::string& action, const fs::path& path, const std::error_code& why) {
  return {
      error_class::unavailable,
      fmt::format("cannot {} {}: {}", action, path.string(), why.message())};
}

std::uint64_t result_file_size(const cached_result& entry, const encryption_keys& keys) {
  const auto size = head_size + entry.mime_type.size() + entry.model_version.size()
                    + entry.user_id.size() + entry.image->size();
  return keys.are_set() ? encrypted_size(size) : size;
}

void_result write_result_file(
    const fs::path& path,
    const encryption_keys& keys,
    const content_hash& key,
    const cached_result& entry,
    timestamp stored_at
) {
  const std::string numbers =
      number_bytes(static_cast<std::uint64_t>(stored_at.time_since_epoch().count()))
      + number_bytes(entry.mime_type.size()) + number_bytes(entry.model_version.size())
      + number_bytes(entry.user_id.size()) + number_bytes(entry.image->size());
  const std::string texts = entry.mime_type + entry.model_version + entry.user_id;
  const std::string head =
      std::string{magic} + digest_of(key, numbers, texts, *entry.image) + numbers + texts;
  const auto content = join(head, *entry.image);
  if (!keys.are_set()) {
    return replace_file(path, content);
  }
  const auto encrypted = encrypt(keys, to_string(key), content);
  return encrypted ? replace_file(path, *encrypted) : void_result{encrypted.error()};
}

result<std::optional<cached_result>> read_result_file(
    const fs::path& path, const encryption_keys& keys, const content_hash& key
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
  const auto content = error ? std::nullopt : decrypted(read_bytes(file, size), keys, key);
  return content ? read_entry(*content, key) : std::nullopt;
}

std::optional<timestamp> read_stored_at(
    const fs::path& path, const encryption_keys& keys, const content_hash& key
) {
  const auto begin = read_begin(path, keys, key);
  const auto head = begin ? read_head(begin->text, begin->file_size) : std::nullopt;
  return head ? std::optional{head->stored_at} : std::nullopt;
}

std::optional<std::string> read_owner(
    const fs::path& path, const encryption_keys& keys, const content_hash& key
) {
  const auto begin = read_begin(path, keys, key);
  const auto head = begin ? read_head(begin->text, begin->file_size) : std::nullopt;
  const auto at = head ? head_size + head->mime_type_size + head->model_size : 0;
  return head && at + head->owner_size <= begin->text.size()
             ? std::optional{begin->text.substr(at, head->owner_size)}
             : std::nullopt;
}

}  // namespace stayler::adapters
