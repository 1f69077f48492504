// SPDX-License-Identifier: MIT
#include "http/api/validators.hpp"

#include "adapters/checksum/checksum.hpp"
#include "http/api/pictures/byte_range.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace stayler::http {

namespace {

/// Of a SHA-256 in hex: enough that no two answers have the same by chance.
constexpr std::size_t tag_digits = 32;

}  // namespace

response with_validators(response answer, const std::string& entity_tag) {
  std::erase_if(answer.headers, [](const auto& header) { return header.first == "Cache-Control"; });
  answer.headers.emplace_back("ETag", entity_tag);
  // Personal data: no shared cache may keep any, and what is deleted is gone at the next look.
  answer.headers.emplace_back("Cache-Control", "private, no-cache");
  return answer;
}

response not_modified(const std::string& entity_tag) {
  response answer;
  answer.status = 304;
  return with_validators(std::move(answer), entity_tag);
}

response unless_known(const request& asked, response answer) {
  const auto hash = adapters::sha256_hex(std::as_bytes(std::span{answer.body}));
  const auto tag = "\"" + hash.substr(0, tag_digits) + "\"";
  const auto known = asked.header("if-none-match");
  return known && names_entity(*known, tag) ? not_modified(tag)
                                            : with_validators(std::move(answer), tag);
}

}  // namespace stayler::http
