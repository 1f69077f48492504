// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"
#include "http/server/standing_headers.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace stayler::http {

/// What every answer tells browsers, errors and streams too: that it is what it says it is, runs
/// nothing, is shown in no frame and kept in no cache, and which pages of other sites may read it.
/// An endpoint that has a page to show sets the header in question itself.
class browser_headers {
 public:
  /// `hsts_max_age`: over TLS, for how long browsers shall use nothing else; 0: nothing is said.
  /// `allowed_origins`: whose pages may read answers.
  browser_headers(
      std::chrono::seconds hsts_max_age, const std::vector<std::string>& allowed_origins
  );

  /// Of the answer to a request of that head.
  [[nodiscard]] const standing_headers& of(const request& head) const;

 private:
  standing_headers usual_;
  std::vector<std::pair<std::string, standing_headers>> by_origin_;
};

}  // namespace stayler::http
