// SPDX-License-Identifier: MIT

// W3C Trace Context, by the cases of the W3C's own test suite for it
// (https://github.com/w3c/trace-context/blob/main/test/test.py).

#include "messages/base/trace_context.hpp"

#include "adapters/codec/byte_codec.hpp"
#include "messages/jobs/job.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <vector>

using namespace stayler;

namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent = "00f067aa0ba902b7";
const std::string usual = "00-" + trace + "-" + parent + "-01";

std::string state_of(const std::vector<std::string_view>& headers) {
  return read_tracestate(headers);
}

}  // namespace

TEST_CASE("a traceparent names a trace, the span above, and whether it is recorded") {
  const auto read = parse_traceparent(usual);
  REQUIRE(read);
  CHECK(trace_id_text(*read) == trace);
  CHECK(read->span_id == 0x00f067aa0ba902b7U);
  CHECK(read->is_sampled);
  CHECK(to_traceparent(*read) == usual);
  CHECK_FALSE(parse_traceparent("00-" + trace + "-" + parent + "-00")->is_sampled);
}

TEST_CASE("flags that are not known are read over") {
  CHECK(parse_traceparent("00-" + trace + "-" + parent + "-ff")->is_sampled);
  CHECK(parse_traceparent("00-" + trace + "-" + parent + "-03")->is_sampled);
  CHECK_FALSE(parse_traceparent("00-" + trace + "-" + parent + "-02")->is_sampled);
}

TEST_CASE("a later version is read as far as it is known") {
  CHECK(parse_traceparent("cc-" + trace + "-" + parent + "-01"));
  CHECK(parse_traceparent("cc-" + trace + "-" + parent + "-01-what-the-future-will-be-like"));
  CHECK_FALSE(parse_traceparent("cc-" + trace + "-" + parent + "-01.what-the-future-will-not-be"));
}

TEST_CASE("a malformed traceparent is none") {
  const std::string header = GENERATE_COPY(
      std::string{}, std::string{"00"}, usual + "-what-the-future-will-be-like", usual + ".",
      "ff-" + trace + "-" + parent + "-01",  // version
      ".0-" + trace + "-" + parent + "-01", "0-" + trace + "-" + parent + "-01",
      "000-" + trace + "-" + parent + "-01", "FF-" + trace + "-" + parent + "-01",
      "00-" + std::string(32, '0') + "-" + parent + "-01",  // trace-id
      "00-.bf92f3577b34da6a3ce929d0e0e4736-" + parent + "-01",
      "00-" + trace.substr(1) + "-" + parent + "-01", "00-" + trace + "0-" + parent + "-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01",
      "00-" + trace + "-" + std::string(16, '0') + "-01",  // parent-id
      "00-" + trace + "-.0f067aa0ba902b7-01", "00-" + trace + "-" + parent + "0-01",
      "00-" + trace + "-00F067AA0BA902B7-01", "00-" + trace + "-" + parent + "-.0",
      "00-" + trace + "-" + parent + "-0",  // flags
      "00-" + trace + "-" + parent + "-001", "00-" + trace + "-" + parent,
      "00_" + trace + "-" + parent + "-01", " " + usual
  );
  INFO(header);
  CHECK_FALSE(parse_traceparent(header));
}

TEST_CASE("the members of all tracestate headers are one list") {
  CHECK(state_of({"foo=1,bar=2"}) == "foo=1,bar=2");
  CHECK(state_of({"foo=1", "bar=2"}) == "foo=1,bar=2");
  CHECK(state_of({"foo=1 \t , \t bar=2, \t baz=3", ""}) == "foo=1,bar=2,baz=3");
  CHECK(state_of({"foo=1,,bar=2,"}) == "foo=1,bar=2");
  CHECK(state_of({"fw529a3039@dt=a b,0abc-_*/=!~"}) == "fw529a3039@dt=a b,0abc-_*/=!~");
  CHECK(state_of({}).empty());
}

TEST_CASE("a malformed tracestate is none") {
  const std::string header = GENERATE_COPY(
      std::string{"foo"}, std::string{"foo="}, std::string{"=1"}, std::string{"foo =1"},
      std::string{"FOO=1"}, std::string{"foo.bar=1"}, std::string{"foo@=1"}, std::string{"@foo=1"},
      std::string{"foo@@bar=1"}, std::string{"foo=bar=baz"}, std::string{"foo=1,bar"},
      std::string{"foo=\xC3\xA4"}, std::string{"foo=1;bar=2\n"}, std::string(257, 'z') + "=1",
      "z=" + std::string(257, 'v')
  );
  INFO(header);
  CHECK(state_of({header}).empty());
}

TEST_CASE("a tracestate is passed on up to what has to be passed on") {
  std::string members;
  for (int i = 0; i < 32; ++i) {
    members += "m" + std::to_string(i) + "=1,";
  }
  CHECK_FALSE(state_of({members}).empty());
  CHECK(state_of({members + "more=1"}).empty());
  CHECK(state_of({"a=" + std::string(253, 'v'), "b=" + std::string(254, 'v')}).size() == 512);
  CHECK(state_of({"a=" + std::string(254, 'v'), "b=" + std::string(254, 'v')}).empty());
}

TEST_CASE("there is no header where there is no trace, or no span to be below") {
  CHECK(to_traceparent({}).empty());
  auto place = *parse_traceparent(usual);
  place.span_id = 0;
  CHECK(to_traceparent(place).empty());
  CHECK(to_traceparent(below(place, 0x1fU)) == "00-" + trace + "-000000000000001f-01");
  CHECK(trace_id_text({}).empty());
}

TEST_CASE("a stored job keeps its trace") {
  job stored;
  stored.request.trace = *parse_traceparent(usual);
  stored.request.trace.state = "foo=1";
  const auto bytes = adapters::encode_bytes(stored);
  CHECK(adapters::decode_bytes<job>(bytes)->request.trace == stored.request.trace);
}
