// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace stayler {

/// What jobs name that belongs to somebody: ids of images and of conversions. Local to a process.
struct ownership_query {
  std::vector<std::string> images;
  std::vector<std::string> conversions;
};

/// Whose an image is, and of what type ("user", "vendor" or "result").
struct image_owner {
  std::string user_id;
  std::string type;

  friend bool operator==(const image_owner&, const image_owner&) = default;
};

/// The answer to an ownership_query, each in its order; nothing: there is none of that id. Local to
/// a process.
struct ownership_report {
  std::vector<std::optional<image_owner>> images;
  std::vector<std::optional<std::string>> conversions;  ///< their users

  friend bool operator==(const ownership_report&, const ownership_report&) = default;
};

}  // namespace stayler
