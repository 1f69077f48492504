// SPDX-License-Identifier: MIT
#pragma once

// http/openapi.yaml as tests read it.

#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

/// What the contract says of one operation.
struct contract_operation {
  std::string method;  ///< in upper case
  std::string route;   ///< as the router has it: "{id}" stands for the parameter of the path
  std::string role;    ///< x-role: none, viewer, submitter or admin
  std::string users;   ///< x-users: any, own, all or named
  bool needs_key = true;
};

/// The text of the contract, as it lies in the repository.
std::string read_contract();

/// All operations of the contract, in its order. The test fails where one lacks its role or users.
std::vector<contract_operation> contract_operations();

}  // namespace stayler::test
