// SPDX-License-Identifier: MIT
// Whatever the provider, or someone in its place, answers: it becomes a picture or a failure with a
// class and a bounded message.
#include "adapters/gemini/wire/gemini_wire.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using stayler::adapters::http_response;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void require_good(const stayler::failure& error) {
  require(error.kind != stayler::error_class::none);
  require(!error.message.empty() && error.message.size() <= 600);
  require(error.retry_after.count() >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body{reinterpret_cast<const char*>(data), size};
  const auto result = stayler::adapters::parse_generate_response(body);
  if (result) {
    require(result->image != nullptr && !result->image->empty());
  } else {
    require_good(result.error());
  }
  for (const std::uint32_t status : {400U, 429U, 503U}) {
    require_good(classify_error(http_response{status, {{"retry-after", body}}, body}));
  }
  return 0;
}
