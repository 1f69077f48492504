// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/trace_context.hpp"
#include "messages/jobs/attempt.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace stayler::adapters {

/// Wall-clock time as spans have it: finer than a timestamp.
using span_time = std::chrono::system_clock::time_point;

/// What a span stands for, by the numbers of OTLP.
enum class span_kind : std::uint8_t {
  internal = 1,
  server = 2,
  client = 3,
  producer = 4,
  consumer = 5
};

/// Something worth knowing about a span. No prompt, no key, no id of a user's.
struct span_attribute {
  using content = std::variant<std::string, bool, std::int64_t, double>;

  std::string_view name;  ///< a literal: see span_names.hpp
  content value;
};

/// A piece of work with a beginning and an end, below another one.
struct span {
  trace_context place;          ///< its trace, and its own id
  std::uint64_t parent_id = 0;  ///< 0: none
  std::string name;
  span_kind kind = span_kind::internal;
  span_time began;
  span_time ended;
  std::string error;  ///< a class; empty: it went well
  std::vector<span_attribute> attributes;

  span& set(std::string_view attribute, std::string_view text) {
    return put({attribute, std::string{text}});
  }
  span& set(std::string_view attribute, const char* text) {
    return set(attribute, std::string_view{text});
  }
  span& set(std::string_view attribute, double number) { return put({attribute, number}); }
  template <std::integral Int>
  span& set(std::string_view attribute, Int number) {
    if constexpr (std::same_as<Int, bool>) {
      return put({attribute, number});
    } else {
      return put({attribute, static_cast<std::int64_t>(number)});
    }
  }

 private:
  span& put(span_attribute attribute) {
    attributes.push_back(std::move(attribute));
    return *this;
  }
};

/// A span that begins now, below that place, with an id of its own.
span begin_span(const trace_context& parent, std::string_view name, span_kind kind);

/// A new one, at random; never 0.
std::uint64_t new_span_id();
uuid new_trace_id();

/// The id of the span of an attempt: whoever knows the attempt knows it, on whichever host, and
/// whoever worked on it may be gone.
std::uint64_t span_id_of(const attempt_id& attempt);

}  // namespace stayler::adapters
