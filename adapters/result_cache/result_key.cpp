// SPDX-License-Identifier: MIT
#include "adapters/result_cache/result_key.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/result_cache/number_bytes.hpp"

namespace stayler::adapters {

namespace {

/// To be changed whenever the same request would make another picture than before.
constexpr std::string_view version = "stayler result key 1";

}  // namespace

content_hash make_result_key(
    const generation_request& request, std::string_view model, result_scope scope
) {
  // Each part goes in behind its length, so that none can pass for the end of another.
  sha256_hasher hasher;
  hasher.add(version);
  for (const std::string_view text :
       {model, std::string_view{request.prompt}, std::string_view{request.aspect_ratio},
        std::string_view{request.image_size}}) {
    hasher.add(number_bytes(text.size())).add(text);
  }
  hasher.add(number_bytes(request.images.size()));
  for (const auto& image : request.images) {
    const auto bytes = image.bytes ? std::span{*image.bytes} : std::span<const std::byte>{};
    hasher.add(number_bytes(bytes.size())).add(bytes);
  }
  if (scope == result_scope::user) {
    hasher.add(number_bytes(request.user_id.size())).add(request.user_id);
  }
  return {hasher.digest()};
}

}  // namespace stayler::adapters
