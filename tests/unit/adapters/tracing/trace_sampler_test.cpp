// SPDX-License-Identifier: MIT

// Which traces are recorded.

#include "adapters/tracing/trace_sampler.hpp"

#include "adapters/tracing/span.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace stayler::adapters;

namespace {

trace_context caller_of(const std::string& trace, bool is_sampled) {
  return *parse_traceparent("00-" + trace + "-00f067aa0ba902b7-" + (is_sampled ? "01" : "00"));
}

const std::string low = "4bf92f3577b34da60000000000000001";   // below any ratio
const std::string high = "4bf92f3577b34da6ffffffffffffffff";  // above any but 1
const std::string half = "4bf92f3577b34da68000000000000000";  // just above 0.5

bool takes(const char* sampler, double ratio, const std::optional<trace_context>& caller) {
  return trace_sampler{sampler, ratio}.admit(caller).is_sampled;
}

}  // namespace

TEST_CASE("the caller's trace goes on, and without one another begins") {
  const trace_sampler sampler{"parentbased_always_on", 1};
  const auto caller = caller_of(low, true);
  CHECK(sampler.admit(caller) == caller);
  const auto first = sampler.admit(std::nullopt);
  const auto second = sampler.admit(std::nullopt);
  CHECK(first.is_set());
  CHECK(first.span_id == 0);
  CHECK(first.trace_id != second.trace_id);
}

TEST_CASE("always_on and always_off ask nobody") {
  for (const bool is_sampled : {true, false}) {
    CHECK(takes("always_on", 0, caller_of(high, is_sampled)));
    CHECK_FALSE(takes("always_off", 1, caller_of(low, is_sampled)));
  }
  CHECK(takes("always_on", 0, std::nullopt));
  CHECK_FALSE(takes("always_off", 1, std::nullopt));
}

TEST_CASE("a ratio takes the same traces wherever it is asked") {
  CHECK(takes("traceidratio", 0.5, caller_of(low, false)));
  CHECK_FALSE(takes("traceidratio", 0.5, caller_of(half, true)));
  CHECK(takes("traceidratio", 0.500001, caller_of(half, false)));
  CHECK_FALSE(takes("traceidratio", 0.999, caller_of(high, true)));
  CHECK(takes("traceidratio", 1, caller_of(high, false)));
  CHECK_FALSE(takes("traceidratio", 0, caller_of(low, true)));
}

TEST_CASE("behind parentbased_ the caller decides, where there is one") {
  for (const auto* sampler :
       {"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}) {
    CHECK(takes(sampler, 0.1, caller_of(high, true)));
    CHECK_FALSE(takes(sampler, 0.1, caller_of(low, false)));
  }
  CHECK(takes("parentbased_always_on", 1, std::nullopt));
  CHECK_FALSE(takes("parentbased_always_off", 1, std::nullopt));
  CHECK_FALSE(takes("parentbased_traceidratio", 0, std::nullopt));
}

TEST_CASE("of new traces a ratio takes its part") {
  const trace_sampler sampler{"parentbased_traceidratio", 0.25};
  int taken = 0;
  for (int i = 0; i < 4'000; ++i) {
    taken += sampler.admit(std::nullopt).is_sampled ? 1 : 0;
  }
  CHECK(taken > 800);
  CHECK(taken < 1'200);
}

TEST_CASE("samplers go by their names") {
  CHECK(trace_sampler::knows("traceidratio"));
  CHECK(trace_sampler::knows("parentbased_always_off"));
  CHECK_FALSE(trace_sampler::knows(""));
  CHECK_FALSE(trace_sampler::knows("parentbased_"));
  CHECK_FALSE(trace_sampler::knows("xray"));
}

TEST_CASE("whoever knows an attempt knows the id of its span") {
  const attempt_id first{{make_uuid_v7(std::chrono::system_clock::now())}, fencing_token{1}};
  attempt_id second = first;
  second.token = fencing_token{2};
  CHECK(span_id_of(first) == span_id_of(attempt_id{first}));
  CHECK(span_id_of(first) != span_id_of(second));
}
