// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/jobs/job.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler {

/// Image bytes shared by all actors of one process without a copy. Never sent to another node: a
/// blob key is. A null pointer means "no bytes".
using shared_bytes = std::shared_ptr<const std::vector<std::byte>>;

/// The MIME type of a format, such as "image/jpeg".
std::string_view mime_type_of(image_format format) noexcept;

/// The customary file ending of a format, without the dot.
std::string_view file_ending_of(image_format format) noexcept;

/// The format of that name ("jpeg", "jpg", "png", "webp") of those that are written, or nothing.
std::optional<image_format> parse_image_format(std::string_view name) noexcept;

/// True where the id that a job gives for an image is the image's URL.
bool is_image_url(std::string_view image_id) noexcept;

/// What the first bytes and the header of an image say, before anything is decoded.
struct image_info {
  image_format format = image_format::jpeg;
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const image_info&, const image_info&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, image_info& x) {
  return f(x.format, x.width, x.height);
}

/// Encoded image bytes together with what they are. Local to a process.
struct encoded_image {
  shared_bytes bytes;
  image_info info;
};

/// What a picture looks like from afar: the mean brightness and colour of each cell of a grid. It
/// stays nearly the same when the picture is encoded anew or scaled, and takes under 1 KiB.
struct image_signature {
  /// Cells in each direction, whatever the picture's shape.
  static constexpr std::size_t side = 16;

  /// Y, Cb and Cr as JPEG has them, row by row.
  std::array<std::array<std::uint8_t, 3>, side * side> cells{};

  friend bool operator==(const image_signature&, const image_signature&) = default;
};

/// When a job's picture was fetched and prepared, for its trace. Local to a process.
struct source_times {
  using moment = std::chrono::system_clock::time_point;

  moment fetch_began;
  moment fetch_ended;
  moment codec_began;
};

/// A picture fit for the provider, and what it looks like. Local to a process.
struct prepared_image {
  encoded_image picture;
  image_signature signature;
  source_times times{};
};

/// A picture and its thumbnail, ready to be stored. Local to a process.
struct finished_image {
  encoded_image picture;
  encoded_image thumbnail;
};

/// An upload as it is stored: whole, without metadata, in a format that browsers show.
struct sanitized_image {
  finished_image content;
  image_format source_format = image_format::jpeg;  ///< what was sent
};

/// One row of the application's images table, as far as this service reads and writes it.
struct image_record {
  std::string id;
  std::string user_id;
  std::string type;  ///< "user", "vendor" or "result"
  std::string file_name;
  std::string blob_key;
  std::string thumbnail_key;  ///< empty where there is no thumbnail
  std::uint64_t bytes = 0;
  std::string mime_type;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::string checksum;  ///< SHA-256 of the stored bytes, lower-case hex; the ETag
  timestamp created_at;

  friend bool operator==(const image_record&, const image_record&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, image_record& x) {
  return f(
      x.id, x.user_id, x.type, x.file_name, x.blob_key, x.thumbnail_key, x.bytes, x.mime_type,
      x.width, x.height, x.checksum, x.created_at
  );
}

/// A new picture for the image library. Local to a process.
struct new_image {
  std::string id;  ///< empty: the library makes one. A known id is overwritten: same attempt again
  std::string user_id;
  std::string type;
  std::string file_name;
  finished_image content;  ///< the thumbnail may be missing
};

/// An image with its bytes. Local to a process.
struct stored_image {
  image_record record;
  shared_bytes bytes;
};

/// Some of a blob's bytes. Local to a process.
struct blob_part {
  shared_bytes bytes;
  std::uint64_t total_bytes = 0;  ///< of the whole blob
  std::string version;            ///< another one where the blob has been replaced
};

/// An image with some of its bytes. Local to a process.
struct stored_part {
  image_record record;
  blob_part content;
};

}  // namespace stayler
