// SPDX-License-Identifier: MIT
#pragma once

#include "messages/images/image.hpp"

#include <string>

namespace stayler::http {

/// Where an image and its thumbnail are fetched.
std::string image_url(const std::string& id);
std::string thumbnail_url(const std::string& id);

/// The answer to an upload, which came as a picture of that format.
std::string render_image(const image_record& shown, image_format sent_as);

}  // namespace stayler::http
