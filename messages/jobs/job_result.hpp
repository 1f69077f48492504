// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace stayler {

/// What a completed job made.
struct job_result {
  std::string image_id;  ///< empty where there is none
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::string mime_type;
  std::uint64_t bytes = 0;
  bool cached = false;
  std::string model_version;  ///< as the provider names what it used

  friend bool operator==(const job_result&, const job_result&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_result& x) {
  return f(x.image_id, x.width, x.height, x.mime_type, x.bytes, x.cached, x.model_version);
}

}  // namespace stayler
