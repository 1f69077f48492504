// SPDX-License-Identifier: MIT

// The number of calls in flight is found by what the provider answers.

#include "policies/provider/concurrency_limit.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/policies/steady_time.hpp"

#include <algorithm>
#include <cstdint>

using namespace stayler;
using namespace stayler::policies;
using namespace stayler::test;
using namespace std::chrono_literals;

TEST_CASE("the concurrency limit converges on what a provider can take") {
  // A provider that serves so many calls at a time and refuses the others with 503.
  const std::uint32_t capacity = GENERATE(3U, 40U, 700U);
  concurrency_limit limit;
  std::uint64_t calls = 0;
  std::uint64_t refused = 0;
  double sum = 0;
  constexpr int rounds = 4'000;
  for (int round = 0; round < rounds; ++round) {
    const std::uint32_t in_flight = limit.value();
    for (std::uint32_t i = 1; i <= in_flight; ++i) {
      const bool is_overload = i > capacity;
      limit.note(is_overload, 2s, in_flight);
      if (round >= rounds / 2) {
        ++calls;
        refused += is_overload ? 1 : 0;
      }
    }
    sum += round >= rounds / 2 ? std::min(in_flight, capacity) : 0;
  }
  const double used = sum / (rounds / 2) / capacity;
  INFO("capacity " << capacity << ", used " << used << ", refused " << refused << " of " << calls);
  CHECK(used > 0.8);
  CHECK(static_cast<double>(refused) / static_cast<double>(calls) < 0.15);
}

TEST_CASE("the concurrency limit grows to thousands within a few rounds") {
  concurrency_limit limit;
  int rounds = 0;
  while (limit.value() < 5'000) {
    const std::uint32_t in_flight = limit.value();
    for (std::uint32_t i = 0; i < in_flight; ++i) {
      limit.note(false, 2s, in_flight);
    }
    ++rounds;
  }
  CHECK(rounds <= 10);
}

TEST_CASE("a limit that is not used does not grow, and chance failures do not shrink it") {
  concurrency_limit limit;
  for (int i = 0; i < 10'000; ++i) {
    limit.note(i % 10 == 0, 1s, 3);
  }
  CHECK(limit.value() == 16);
}

TEST_CASE("a provider that becomes slow under load gets less of it") {
  concurrency_limit limit{{64, 10'000, 0.15, 0.7, 3}};
  for (int i = 0; i < 64; ++i) {
    limit.note(false, 2s, 64);
  }
  const std::uint32_t before = limit.value();
  for (std::uint32_t i = 0; i < before; ++i) {
    limit.note(false, 9s, before);
  }
  CHECK(limit.value() < before);
}
