// SPDX-License-Identifier: MIT
#pragma once

// Job stores on a real Redis, and what is said to it past them.

#include "adapters/job_store/redis/redis_job_store.hpp"
#include "adapters/redis/connection/redis_connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/redis/redis_process.hpp"

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

namespace stayler::adapters::conformance {

using test::redis_process;
using time_source = redis_job_store_options::time_source;

inline redis_options at(const redis_process& server) {
  auto options = parse_redis_url(server.url());
  REQUIRE(options);
  options->command_timeout = milliseconds{500};
  return *options;
}

inline std::unique_ptr<job_store> open_at(
    const redis_process& server,
    time_source clock = time_source::caller,
    milliseconds reaper_term = milliseconds{60'000}
) {
  auto opened = open_redis_job_store({at(server), "test", clock, reaper_term});
  REQUIRE(opened);
  return std::move(*opened);
}

inline redis_reply send(
    const redis_process& server, std::initializer_list<std::string_view> command
) {
  auto connection = redis_connection::open(at(server));
  REQUIRE(connection);
  auto reply = connection->command(command);
  REQUIRE(reply);
  return std::move(*reply);
}

/// Until it is true, with the store's patience; returns whether it became so.
template <class Predicate>
bool becomes(
    Predicate is_so,
    std::chrono::seconds patience = std::chrono::seconds{10},
    milliseconds pause = milliseconds{20}
) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace stayler::adapters::conformance
