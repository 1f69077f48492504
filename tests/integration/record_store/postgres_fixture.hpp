// SPDX-License-Identifier: MIT
#pragma once

// Record stores on a real PostgreSQL, and what is said to it past them.

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/postgres/postgres_record_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/postgres/postgres_process.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace stayler::adapters::conformance {

using test::postgres_process;

/// One server for all cases that leave it alone; each has a database of its own.
inline postgres_process& shared_server() {
  static postgres_process server;
  return server;
}

inline postgres_options at(const std::string& url) {
  auto options = parse_postgres_url(url);
  REQUIRE(options);
  return *options;
}

inline std::unique_ptr<record_store> open_postgres(const std::string& url) {
  auto store = open_postgres_record_store(at(url));
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  return std::move(*store);
}

/// Each statement in turn; the answer to the last.
inline postgres_rows tell(const std::string& url, const std::vector<std::string>& statements) {
  postgres_options patient = at(url);
  patient.connect_timeout = patient.statement_timeout = patient.answer_timeout =
      milliseconds{30'000};
  postgres_database database{patient};
  std::optional<postgres_rows> last;
  for (const std::string& statement : statements) {
    auto answer = database.query(statement);
    INFO(statement << ": " << (answer ? "" : answer.error().message));
    REQUIRE(answer);
    last = std::move(*answer);
  }
  return std::move(*last);
}

/// Until it is true; returns whether it became so.
template <class Predicate>
bool becomes(Predicate is_so) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds{20});
  }
  return true;
}

inline error_class kind_of(const void_result& answer) {
  return answer ? error_class::none : answer.error().kind;
}

}  // namespace stayler::adapters::conformance
