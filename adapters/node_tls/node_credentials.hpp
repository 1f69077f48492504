// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>

namespace stayler::adapters {

/// What a process proves with that it belongs to the service, and checks the other side by: the
/// names of three PEM files.
struct node_credentials {
  std::string certificate;  ///< may hold intermediate certificates after its own
  std::string key;
  std::string authority;
};

/// Reads all three. Errors name the option and the file: invalid_input (not PEM, or key and
/// certificate do not belong together, or the certificate is not of that authority or is out of
/// date), unavailable (cannot be read).
void_result check_credentials(const node_credentials& files);

}  // namespace stayler::adapters
