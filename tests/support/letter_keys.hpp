// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"

#include <string>

namespace stayler::test {

/// Keys of these ids, one letter each, the first of them the current one; `more` is what follows in
/// the option.
inline adapters::encryption_keys letter_keys(const std::string& ids, const std::string& more = "") {
  std::string list;
  for (const char id : ids) {
    std::string key(44, id);
    key.back() = '=';
    key[42] = 'A';
    list += (list.empty() ? "" : ",") + std::string{id} + ":" + key;
  }
  return adapters::encryption_keys::parse(list + more).value();
}

}  // namespace stayler::test
