// SPDX-License-Identifier: MIT

// What waits to be sent: bounded, and none of a trace that is not recorded.

#include "adapters/tracing/span_buffer.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace stayler::adapters;

namespace {

const auto recorded = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
const auto unrecorded =
    *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

void add(span_buffer& spans, int count) {
  for (int i = 0; i < count; ++i) {
    spans.add(begin_span(recorded, std::to_string(i), span_kind::internal));
  }
}

}  // namespace

TEST_CASE("spans are taken a batch at a time, the oldest first") {
  span_buffer spans{10, 4};
  add(spans, 6);
  const auto first = spans.take();
  REQUIRE(first.size() == 4);
  CHECK(first.front().name == "0");
  CHECK(spans.take().size() == 2);
  CHECK(spans.take().empty());
  CHECK(spans.is_empty());
}

TEST_CASE("of too many spans the oldest are dropped, and counted, and nobody is woken for them") {
  span_buffer spans{10, 5};
  int wakes = 0;
  spans.on_full_batch([&] { ++wakes; });
  add(spans, 13);
  CHECK(wakes == 2);
  CHECK(spans.take().front().name == "3");
  CHECK(spans.take_overflowed() == 3);
  CHECK(spans.take_overflowed() == 0);
}

TEST_CASE("whoever sends them is woken by each full batch") {
  span_buffer spans{10, 4};
  int wakes = 0;
  spans.on_full_batch([&] { ++wakes; });
  add(spans, 3);
  CHECK(wakes == 0);
  add(spans, 1);
  CHECK(wakes == 1);
  add(spans, 4);
  CHECK(wakes == 2);
  spans.on_full_batch({});
  spans.take();
  add(spans, 4);
  CHECK(wakes == 2);
}

TEST_CASE("a span is begun where its trace is recorded, and is below what it was begun for") {
  const auto spans = std::make_shared<span_buffer>();
  auto none = start_span(spans, unrecorded, "work", span_kind::internal);
  CHECK_FALSE(none);
  end_span(spans, none);
  CHECK_FALSE(start_span(spans, {}, "work", span_kind::internal));
  CHECK_FALSE(start_span(nullptr, recorded, "work", span_kind::internal));
  CHECK(spans->is_empty());

  auto begun = start_span(spans, recorded, "work", span_kind::client);
  REQUIRE(begun);
  end_span(spans, begun, error_class::timeout);
  CHECK_FALSE(begun);
  const auto ended = spans->take();
  REQUIRE(ended.size() == 1);
  CHECK(ended.front().parent_id == recorded.span_id);
  CHECK(ended.front().place.trace_id == recorded.trace_id);
  CHECK(ended.front().place.span_id != recorded.span_id);
  CHECK(ended.front().error == "timeout");
  CHECK(ended.front().ended >= ended.front().began);
}

TEST_CASE("spans below one that has ended come after it: no one is left below nothing") {
  const auto spans = std::make_shared<span_buffer>();
  auto whole = start_span(spans, recorded, "whole", span_kind::client);
  auto part = start_span(spans, whole->place, "part", span_kind::internal);
  std::vector<span> parts{*finish_span(part)};
  CHECK_FALSE(part);
  CHECK(spans->is_empty());
  end_span(spans, whole, parts, error_class::none);
  CHECK(parts.empty());
  const auto ended = spans->take();
  REQUIRE(ended.size() == 2);
  CHECK(ended[0].name == "whole");
  CHECK(ended[1].name == "part");
  CHECK(ended[1].parent_id == ended[0].place.span_id);
}
