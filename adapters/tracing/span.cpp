// SPDX-License-Identifier: MIT
#include "adapters/tracing/span.hpp"

#include "messages/base/random.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace stayler::adapters {

namespace {

/// Spreads what differs in a few bits over all of them (SplitMix64).
std::uint64_t mix(std::uint64_t bits) noexcept {
  bits += 0x9e3779b97f4a7c15U;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

std::uint64_t never_zero(std::uint64_t id) noexcept {
  return id == 0 ? 1 : id;
}

}  // namespace

span begin_span(const trace_context& parent, std::string_view name, span_kind kind) {
  span begun;
  begun.place = below(parent, new_span_id());
  begun.parent_id = parent.span_id;
  begun.name = name;
  begun.kind = kind;
  begun.began = std::chrono::system_clock::now();
  return begun;
}

std::uint64_t new_span_id() {
  std::uint64_t id = 0;
  // Where the system has no random numbers the span is one of many with the same id: no more.
  static_cast<void>(fill_random(std::as_writable_bytes(std::span{&id, 1})));
  return never_zero(id);
}

uuid new_trace_id() {
  uuid id;
  static_cast<void>(fill_random(std::as_writable_bytes(std::span{id.bytes})));
  return id;
}

std::uint64_t span_id_of(const attempt_id& attempt) {
  std::uint64_t id = static_cast<std::uint64_t>(attempt.token);
  for (const std::uint8_t byte : attempt.job.value.bytes) {
    id = mix(id ^ byte);
  }
  return never_zero(id);
}

}  // namespace stayler::adapters
