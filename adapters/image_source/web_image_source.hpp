// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_source/image_source.hpp"
#include "adapters/url_rules/url_rules.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace stayler::adapters {

struct image_source_options {
  url_rules rules;
  std::uint64_t max_bytes = 20ULL * 1024 * 1024;
  milliseconds timeout{20'000};  ///< for all of it, redirects included
  milliseconds connect_timeout{5'000};
  std::uint32_t max_redirects = 3;
  std::string authorities{};  ///< PEM file of those that are trusted beside the system's
};

/// Fetches by HTTP(S), and checks every address when it is connected to. Destruction ends what is
/// under way with `unavailable`.
std::unique_ptr<image_source> make_web_image_source(image_source_options options);

}  // namespace stayler::adapters
