// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// The text of the first XML element of that name, "" where there is none. The answers of S3 and
/// STS are flat enough for this.
std::string xml_text(std::string_view xml, std::string_view element);

/// The texts of all elements of that name.
std::vector<std::string> xml_texts(std::string_view xml, std::string_view element);

}  // namespace stayler::adapters
