// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_owners.hpp"

#include "adapters/record_store/postgres/postgres_record_rows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr std::size_t ids_per_statement = 100;

/// One id: the images come first, then the conversions.
struct owner_question {
  bool is_image = false;
  const std::string* id = nullptr;
};

/// For each question a row, where there is one: its user, and an image's type.
using owner_answers = std::vector<std::optional<image_owner>>;

// Each id meets its column in a SELECT of its own, so that it is compared by the column's type. An
// array would have to be told what that is.
std::string owner_sql(std::span<const owner_question> questions) {
  std::string sql;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    sql += i == 0 ? "" : " UNION ALL ";
    fmt::format_to(
        std::back_inserter(sql), "SELECT {}, user_id::text, {} WHERE id = ${}", i,
        questions[i].is_image ? "type::text FROM images" : "NULL::text FROM conversions", i + 1
    );
  }
  return sql;
}

void_result ask_owners(
    postgres_database& database, std::span<const owner_question> questions, owner_answers& answers
) {
  postgres_values ids;
  for (const owner_question& each : questions) {
    ids.emplace_back(*each.id);
  }
  const auto rows = database.query(owner_sql(questions), ids);
  if (!rows && rows.error().kind != error_class::invalid_input) {
    return rows.error();
  }
  const std::size_t first = answers.size();
  if (!rows && questions.size() > 1) {
    // One of the ids is none, and the others have to do without its company.
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (auto done = ask_owners(database, questions.subspan(i, 1), answers); !done) {
        return done;
      }
    }
    return ok();
  }
  answers.resize(first + questions.size());
  for (std::size_t row = 0; rows && row < rows->size(); ++row) {
    const auto which = static_cast<std::size_t>(rows->number(row, 0));
    answers[first + which] = image_owner{rows->text(row, 1), rows->text(row, 2)};
  }
  return ok();
}

}  // namespace

result<ownership_report> find_owners_in(postgres_database& database, const ownership_query& asked) {
  std::vector<owner_question> questions;
  for (const std::string& id : asked.images) {
    questions.push_back({true, &id});
  }
  for (const std::string& id : asked.conversions) {
    questions.push_back({false, &id});
  }
  owner_answers answers;
  for (std::span<const owner_question> open{questions}; !open.empty();) {
    const auto part = open.first(std::min(open.size(), ids_per_statement));
    if (auto done = ask_owners(database, part, answers); !done) {
      return std::move(done).error();
    }
    open = open.subspan(part.size());
  }
  const auto conversions = answers.begin() + static_cast<std::ptrdiff_t>(asked.images.size());
  ownership_report found{{answers.begin(), conversions}, {}};
  std::transform(
      conversions, answers.end(), std::back_inserter(found.conversions),
      [](std::optional<image_owner>& each) {
        return each ? std::optional{std::move(each->user_id)} : std::nullopt;
      }
  );
  return found;
}

}  // namespace stayler::adapters
