// SPDX-License-Identifier: MIT

// Any bytes are a PROXY header, the beginning of one or none; what is wanted of a header is never
// more than the header. Any text in X-Forwarded-For names a caller by an address.
#include "http/server/connections/forwarded_for.hpp"
#include "http/server/connections/proxy_header.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace stayler;
using fuzz::require;
using state = http::proxy_header::state;

namespace {

void check_header(std::string_view bytes) {
  std::size_t taken = 0;
  auto read = http::parse_proxy_header({});
  while (read.now == state::incomplete) {
    require(read.wanted > 0 && taken + read.wanted <= http::max_proxy_header_bytes);
    taken += read.wanted;
    if (taken > bytes.size()) {
      return;
    }
    read = http::parse_proxy_header(bytes.substr(0, taken));
  }
  const bool is_complete = read.now == state::complete;
  require(is_complete || read.source.empty());
  require(read.source.empty() || adapters::parse_numeric_address(read.source));
  const bool has_more = taken < bytes.size();
  require(
      !is_complete || !has_more
      || http::parse_proxy_header(bytes.substr(0, taken + 1)).now == state::malformed
  );
}

void check_forwarded(std::string_view text) {
  http::request head;
  const auto middle = text.size() / 2;
  for (const auto part : {text.substr(0, middle), text.substr(middle)}) {
    head.headers.emplace_back("x-forwarded-for", part);
  }
  const auto trusted = adapters::parse_ip_networks("10.0.0.0/8,2001:db8::/32").value();
  const auto caller = http::forwarded_caller(head, "10.0.0.1", trusted);
  require(adapters::parse_numeric_address(caller).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  check_header(bytes);
  check_forwarded(bytes);
  return 0;
}
