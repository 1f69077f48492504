// SPDX-License-Identifier: MIT
#pragma once

#include "messages/provider/found_limit.hpp"

#include <map>
#include <string>
#include <vector>

namespace stayler::policies {

/// The limits as they were last written down. Says which of those that are found now are worth
/// another write.
class kept_limits {
 public:
  /// Those that are new, have changed by more than a twentieth, or were last kept ten minutes ago.
  /// They count as kept from now on.
  std::vector<found_limit> update(const std::vector<found_limit>& found);

 private:
  std::map<std::string, found_limit> kept_;
};

}  // namespace stayler::policies
