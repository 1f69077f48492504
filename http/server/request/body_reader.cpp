// SPDX-License-Identifier: MIT
#include "http/server/request/body_reader.hpp"

#include <algorithm>
#include <charconv>

namespace stayler::http {

namespace {

/// The digits of a chunk's size and the line break: leading zeros beyond that help nobody.
constexpr std::size_t max_line_bytes = 16 + 2;

/// How much more of framing than of body there may be: chunks of single bytes are legal, but nobody
/// needs megabytes of them.
constexpr std::size_t spare_framing_bytes = 16UL * 1024;

/// A larger body may be released piece by piece.
constexpr std::size_t most_reserved_bytes = 64UL * 1024;

}  // namespace

body_reader::body_reader(body_framing framing, std::size_t limit)
    : limit_(limit), is_chunked_(framing.how == body_framing::kind::chunked) {
  if (is_chunked_) {
    return;
  }
  left_ = framing.length;
  part_ = part::data;
  state_ = left_ == 0 ? state::complete : left_ > limit_ ? state::too_large : state_;
}

std::size_t body_reader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ == state::incomplete && taken < bytes.size()) {
    const auto rest = bytes.substr(taken);
    taken += part_ == part::data ? take_data(rest) : take_line(rest);
  }
  return taken;
}

std::size_t body_reader::take_data(std::string_view bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  if (body_.empty() && !is_chunked_) {
    body_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(left_, most_reserved_bytes)));
  }
  body_.append(bytes.substr(0, count));
  body_bytes_ += count;
  left_ -= count;
  if (left_ == 0) {
    part_ = part::end_of_chunk;
    state_ = is_chunked_ ? state_ : state::complete;
  }
  return count;
}

std::size_t body_reader::take_line(std::string_view bytes) {
  const auto end = bytes.find('\n');
  const auto count = std::min(
      end == std::string_view::npos ? bytes.size() : end + 1, max_line_bytes + 1 - line_.size()
  );
  line_.append(bytes.substr(0, count));
  framing_bytes_ += count;
  if (line_.size() > max_line_bytes || framing_bytes_ > body_bytes_ + spare_framing_bytes) {
    state_ = state::malformed;
  } else if (line_.back() == '\n') {
    end_line();
    line_.clear();
  }
  return count;
}

void body_reader::end_line() {
  const bool is_size = part_ == part::size;  // others are empty
  if (!line_.ends_with("\r\n") || (line_.size() > 2 && !is_size)) {
    state_ = state::malformed;
  } else if (is_size) {
    begin_chunk();
  } else if (part_ == part::end_of_body) {
    state_ = state::complete;
  } else {
    part_ = part::size;
  }
}

void body_reader::begin_chunk() {
  const char* const end = line_.data() + line_.size() - 2;
  const auto parsed = std::from_chars(line_.data(), end, left_, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    state_ = state::malformed;
  } else if (left_ > limit_ - body_bytes_) {
    state_ = state::too_large;
  } else {
    part_ = left_ == 0 ? part::end_of_body : part::data;
  }
}

}  // namespace stayler::http
