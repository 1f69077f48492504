// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <cstddef>
#include <string>
#include <variant>

namespace stayler::http {

/// A picture that was sent, and what was said of it. The bytes are not yet known to be a picture.
struct image_upload {
  std::string user_id;
  std::string type = "user";
  std::string file_name;
  shared_bytes bytes;
};

/// Reads the body of POST /images, raw or multipart/form-data, or says why not: 400, 413 or 415.
/// The type of the picture is told by its first bytes, never by a header. The bytes are handed over
/// by the request's body.
std::variant<image_upload, response> read_image_upload(const request& req, std::size_t max_bytes);

}  // namespace stayler::http
