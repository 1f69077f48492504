// SPDX-License-Identifier: MIT

// The first line stands for a request's head: fields apart by '|', of which a number is its
// Content-Length, "1.0" its version, and all else a Transfer-Encoding. The rest is what follows the
// head. Wherever it is cut into pieces it gives the same body, never more than the limit, and bytes
// that add nothing to the body come to an end.
#include "http/server/request/body_reader.hpp"
#include "messages/base/text.hpp"
#include "tests/fuzz/fuzz_claims.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

using namespace stayler;
using fuzz::require;
using http::body_framing;
using http::body_reader;
using state = body_reader::state;

namespace {

struct head {
  http::request fields;
  bool is_http_1_0 = false;
  std::optional<std::uint64_t> content_length;
};

head read_head(std::string_view line) {
  head read;
  while (!line.empty()) {
    const auto field = take_until(line, "|");
    if (const auto length = parse_number<std::uint64_t>(field)) {
      read.content_length = length;
    } else if (field == "1.0") {
      read.is_http_1_0 = true;
    } else if (!field.empty()) {
      read.fields.headers.emplace_back("transfer-encoding", field);
    }
  }
  return read;
}

void check_framing(const head& of, const http::framing_decision& decided) {
  const auto codings = of.fields.headers.size();
  if (decided.refusal) {
    require(codings > 0 && (decided.refusal->status == 400 || decided.refusal->status == 501));
    require(!decided.refusal->body.empty());
  } else if (codings > 0) {
    require(codings == 1 && !of.is_http_1_0 && !of.content_length);
    require(decided.framing.how == body_framing::kind::chunked);
  } else {
    const bool has_body = of.content_length.value_or(0) > 0;
    require((decided.framing.how == body_framing::kind::by_length) == has_body);
    require(decided.framing.length == of.content_length.value_or(0));
  }
}

struct outcome {
  state ended = state::incomplete;
  std::size_t taken = 0;
  std::string body;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Takes the bytes in pieces of that size.
outcome read_body(
    std::string_view bytes, body_framing framing, std::size_t limit, std::size_t piece
) {
  body_reader reader{framing, limit};
  std::size_t taken = 0;
  while (reader.now() == state::incomplete && taken < bytes.size()) {
    const auto next = bytes.substr(taken, piece);
    const auto count = reader.take(next);
    require(count > 0 && count <= next.size());
    require(reader.now() != state::incomplete || count == next.size());
    require(reader.body_bytes() <= limit);
    taken += count;
  }
  const auto ended = reader.now();
  require(ended == state::incomplete || reader.take("0") == 0);
  // Where it is cut decides how much of what is refused was looked at, and nothing else.
  return {ended, ended == state::malformed ? 0 : taken, reader.release()};
}

/// The content of chunks that are known to be whole and plain.
std::string joined_chunks(std::string_view bytes) {
  std::string body;
  while (const auto size = std::strtoull(std::string{bytes.substr(0, 16)}.c_str(), nullptr, 16)) {
    const auto begin = bytes.find('\n') + 1;
    body += bytes.substr(begin, size);
    bytes.remove_prefix(begin + size + 2);
  }
  return body;
}

void check_whole(const outcome& whole, std::string_view bytes, body_framing framing) {
  const auto taken = bytes.substr(0, whole.taken);
  if (framing.how == body_framing::kind::by_length) {
    require(whole.ended != state::malformed && whole.body == taken);
    require(whole.ended != state::complete || whole.taken == framing.length);
  } else if (whole.ended == state::complete) {
    require(taken.ends_with("0\r\n\r\n") && whole.body == joined_chunks(taken));
  }
}

/// The same bytes again and again: the reader ends, or the body grows with them.
void check_endless(std::string_view bytes, body_framing framing) {
  constexpr std::size_t most = 40'000;
  constexpr std::size_t limit = 1'000;
  body_reader reader{framing, limit};
  std::size_t taken = 0;
  while (taken < most && reader.now() == state::incomplete) {
    taken += reader.take(bytes);
    require(reader.body_bytes() <= limit);
  }
  require(reader.now() != state::incomplete);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const auto of = read_head(take_until(bytes, "\n"));
  const auto decided = http::find_framing(of.fields, of.is_http_1_0, of.content_length);
  check_framing(of, decided);
  if (decided.refusal || decided.framing.how == body_framing::kind::none) {
    return 0;
  }
  for (const std::size_t limit : {std::size_t{0}, std::size_t{9}, std::size_t{4'096}}) {
    const auto whole = read_body(bytes, decided.framing, limit, std::string_view::npos);
    check_whole(whole, bytes, decided.framing);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
      require(read_body(bytes, decided.framing, limit, piece) == whole);
    }
  }
  if (!bytes.empty()) {
    check_endless(bytes, decided.framing);
  }
  return 0;
}
