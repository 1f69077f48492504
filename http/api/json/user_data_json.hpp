// SPDX-License-Identifier: MIT
#pragma once

#include "messages/images/image.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/service/user_data.hpp"

#include <span>
#include <string>

namespace stayler::http {

/// How far an erasure is; without the user, whose id is erased in the end.
std::string render_erasure(const erasure& shown);

/// Rows of an archive of a user's data.
std::string render_conversions(std::span<const conversion_update> rows);
std::string render_images(std::span<const image_record> rows);

}  // namespace stayler::http
