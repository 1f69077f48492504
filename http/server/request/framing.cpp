// SPDX-License-Identifier: MIT
#include "http/server/request/framing.hpp"

#include "messages/base/text.hpp"

#include <algorithm>

namespace stayler::http {

namespace {

framing_decision refuse_framing(unsigned status, std::string_view title, std::string_view detail) {
  return {{}, make_problem(status, title, detail)};
}

}  // namespace

framing_decision find_framing(
    const request& head, bool is_http_1_0, std::optional<std::uint64_t> content_length
) {
  const auto codings =
      std::count_if(head.headers.begin(), head.headers.end(), [](const auto& field) {
        return field.first == "transfer-encoding";
      });
  if (codings == 0) {
    return content_length.value_or(0) == 0
               ? framing_decision{}
               : framing_decision{{body_framing::kind::by_length, *content_length}, std::nullopt};
  }
  if (is_http_1_0) {
    return refuse_framing(400, "Bad Request", "HTTP/1.0 has no transfer codings");
  }
  if (content_length) {
    return refuse_framing(
        400, "Bad Request", "a body has a Content-Length or a Transfer-Encoding, not both"
    );
  }
  const auto coding = trim(head.header("transfer-encoding").value_or(""));
  if (codings > 1 || !equals_ignoring_case(coding, "chunked")) {
    return refuse_framing(501, "Not Implemented", "the only transfer coding is chunked, once");
  }
  return {{body_framing::kind::chunked, 0}, std::nullopt};
}

std::optional<response> refuse_content_coding(const request& head) {
  const auto coded = std::ranges::find_if(head.headers, [](const auto& field) {
    const auto coding = trim(field.second);
    return field.first == "content-encoding" && !coding.empty()
           && !equals_ignoring_case(coding, "identity");
  });
  if (coded == head.headers.end()) {
    return std::nullopt;
  }
  auto refusal =
      make_problem(415, "Unsupported Media Type", "a body has to come without a Content-Encoding");
  refusal.headers.emplace_back("Accept-Encoding", "identity");
  return refusal;
}

}  // namespace stayler::http
