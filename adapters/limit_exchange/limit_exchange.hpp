// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Where the processes of one service show each other how they stand.
class limit_exchange {
 public:
  virtual ~limit_exchange() = default;

  /// Shows this record (any bytes) in the place of the one before, for a few seconds, and returns
  /// what the others show. Blocks. unavailable.
  virtual result<std::vector<std::string>> share(std::string_view record) = 0;
};

}  // namespace stayler::adapters
