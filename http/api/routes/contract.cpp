// SPDX-License-Identifier: MIT

// GET /openapi.yaml: what the API promises. Open to all, for it says how to get in, and nothing
// that the project does not publish.

#include "adapters/checksum/checksum.hpp"
#include "http/api/pictures/byte_range.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/validators.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// http/openapi.yaml, as it was when the program was built.
extern const std::string_view contract_text;

namespace {

/// The contract as it is sent, without a copy for each answer.
struct contract {
  std::string entity_tag;
  shared_bytes bytes;
};

contract load_contract() {
  const auto bytes = std::as_bytes(std::span{contract_text});
  return {
      '"' + adapters::sha256_hex(bytes) + '"',
      std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end())};
}

response show_contract(const request& asked, const contract& shown) {
  const auto known = asked.header("if-none-match");
  if (known && names_entity(*known, shown.entity_tag)) {
    return not_modified(shown.entity_tag);
  }
  response answer;
  answer.headers = {{"Content-Type", "application/yaml"}};
  answer.bytes = shown.bytes;
  answer.byte_count = shown.bytes->size();
  return with_validators(std::move(answer), shown.entity_tag);
}

}  // namespace

void add_contract_routes(router& routes) {
  routes.add("GET", "/openapi.yaml", [shown = load_contract()](const exchange_ptr& exchange) {
    exchange->send(show_contract(exchange->request, shown));
  });
}

}  // namespace stayler::http
