// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Where coordinators that share the provider's limits exchange records of what they know and use.
class limit_exchange {
 public:
  virtual ~limit_exchange() = default;

  /// Publishes this record (any bytes) in place of the caller's last one, for a few seconds, and
  /// returns the records of the others. Blocks. unavailable.
  virtual result<std::vector<std::string>> share(std::string_view record) = 0;
};

}  // namespace stayler::adapters
