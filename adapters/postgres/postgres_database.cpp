// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_database.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

/// How long calls fail at once after the connection broke; doubled with each one that fails. A
/// server that hangs costs each caller a time-out otherwise.
constexpr milliseconds first_pause{125};
constexpr milliseconds longest_pause{1'000};

/// How often what loses against others is done again.
constexpr int most_tries = 10;

}  // namespace

void_result postgres_database::connect() {
  const std::scoped_lock lock{mutex_};
  return reach();
}

void_result postgres_database::reach() {
  if (connection_ && connection_->is_usable()) {
    return ok();
  }
  connection_.reset();
  if (std::chrono::steady_clock::now() < closed_until_) {
    return last_error_;
  }
  auto opened = postgres_connection::open(server_);
  if (!opened) {
    failure error = std::move(opened).error();
    if (was_connected_) {
      error.kind = error_class::unavailable;
    }
    part(error);
    return error;
  }
  connection_ = std::move(*opened);
  was_connected_ = true;
  pause_ = milliseconds{0};
  return ok();
}

void postgres_database::part(const failure& error) {
  connection_.reset();
  last_error_ = error;
  pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
  closed_until_ = std::chrono::steady_clock::now() + pause_;
}

/// A server that has become a replica is left, so that the next connection finds its successor.
void postgres_database::conclude(const failure& error, bool must_roll_back) {
  const std::string state = connection_->last_error().state;
  lost_a_race_ = state == "40001" || state == "40P01";
  const bool is_lost = !connection_->is_usable() || state == "25006";
  if (is_lost || (must_roll_back && !connection_->execute("ROLLBACK"))) {
    part(error);
  }
}

result<postgres_rows> postgres_database::query(
    const std::string& sql, const postgres_values& parameters
) {
  const std::scoped_lock lock{mutex_};
  auto answer = attempt_query(sql, parameters);
  for (int tries = 1; lost_a_race_ && tries < most_tries; ++tries) {
    answer = attempt_query(sql, parameters);
  }
  return answer;
}

void_result postgres_database::transact(const work& what) {
  const std::scoped_lock lock{mutex_};
  auto done = attempt(what);
  for (int tries = 1; lost_a_race_ && tries < most_tries; ++tries) {
    done = attempt(what);
  }
  return done;
}

result<postgres_rows> postgres_database::attempt_query(
    const std::string& sql, const postgres_values& parameters
) {
  lost_a_race_ = false;
  if (auto there = reach(); !there) {
    return std::move(there).error();
  }
  if (connection_->is_pooled()) {
    return query_in_transaction(sql, parameters);
  }
  auto answer = connection_->execute(sql, parameters);
  if (!answer) {
    conclude(answer.error(), false);
  }
  return answer;
}

result<postgres_rows> postgres_database::query_in_transaction(
    const std::string& sql, const postgres_values& parameters
) {
  std::optional<postgres_rows> rows;
  auto done = attempt([&](postgres_connection& on) -> void_result {
    auto answer = on.execute(sql, parameters);
    if (!answer) {
      return std::move(answer).error();
    }
    rows.emplace(std::move(*answer));
    return ok();
  });
  if (!done) {
    return std::move(done).error();
  }
  return std::move(*rows);
}

void_result postgres_database::attempt(const work& what) {
  lost_a_race_ = false;
  if (auto there = reach(); !there) {
    return there;
  }
  auto done = connection_->begin();
  if (done) {
    done = what(*connection_);
  }
  if (done) {
    auto committed = connection_->execute("COMMIT");
    done = committed ? ok() : void_result{std::move(committed).error()};
  }
  if (!done) {
    conclude(done.error(), true);
  }
  return done;
}

}  // namespace stayler::adapters
