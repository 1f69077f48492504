// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"

#include <string>

namespace stayler::test {

/// What a fake says of something that it has not got.
inline failure no_such(const std::string& what) {
  return {error_class::not_found, "no " + what};
}

}  // namespace stayler::test
