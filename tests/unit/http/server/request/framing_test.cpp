// SPDX-License-Identifier: MIT

#include "http/server/request/framing.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <utility>

using namespace stayler;
using how = http::body_framing::kind;

namespace {

http::framing_decision frame(
    const std::vector<std::string>& codings,
    std::optional<std::uint64_t> length = std::nullopt,
    bool is_http_1_0 = false
) {
  http::request head;
  for (const auto& coding : codings) {
    head.headers.emplace_back("transfer-encoding", coding);
  }
  return http::find_framing(head, is_http_1_0, length);
}

unsigned refusal_of(const http::framing_decision& made) {
  return made.refusal ? made.refusal->status : 0;
}

}  // namespace

TEST_CASE("a body ends by its length or by its chunks, or there is none", "[framing]") {
  CHECK(frame({}).framing.how == how::none);
  CHECK(frame({}, 0).framing.how == how::none);
  CHECK(frame({}, 7).framing.how == how::by_length);
  CHECK(frame({}, 7).framing.length == 7);
  CHECK(frame({}, 7, true).framing.how == how::by_length);
  CHECK(frame({"chunked"}).framing.how == how::chunked);
  CHECK(frame({" Chunked "}).framing.how == how::chunked);
}

TEST_CASE("a compressed body is refused with the coding that is taken", "[framing]") {
  const auto refused = [](const std::vector<std::string>& codings) {
    http::request head;
    for (const auto& coding : codings) {
      head.headers.emplace_back("content-encoding", coding);
    }
    return http::refuse_content_coding(head);
  };
  CHECK_FALSE(refused({}));
  CHECK_FALSE(refused({"identity"}));
  CHECK_FALSE(refused({" Identity "}));
  CHECK_FALSE(refused({""}));
  CHECK(refused({"gzip"})->status == 415);
  CHECK(refused({"identity", "br"})->status == 415);
  CHECK(refused({"gzip, identity"})->status == 415);
  const auto headers = refused({"gzip"})->headers;
  CHECK(
      std::ranges::count(
          headers, std::pair<std::string, std::string>{"Accept-Encoding", "identity"}
      )
      == 1
  );
}

TEST_CASE("a transfer coding is chunked, once, in HTTP/1.1", "[framing]") {
  for (const auto* coding :
       {"gzip", "gzip, chunked", "chunked, chunked", "identity", "xchunked", "chunked;q=1", ""}) {
    INFO(coding);
    CHECK(refusal_of(frame({coding})) == 501);
  }
  CHECK(refusal_of(frame({"identity", "chunked"})) == 501);
  CHECK(refusal_of(frame({"chunked", "chunked"})) == 501);
  CHECK(refusal_of(frame({"chunked"}, 7)) == 400);
  CHECK(refusal_of(frame({"identity"}, 7)) == 400);
  CHECK(refusal_of(frame({"chunked"}, std::nullopt, true)) == 400);
}
