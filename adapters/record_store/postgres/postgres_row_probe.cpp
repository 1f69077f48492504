// SPDX-License-Identifier: MIT
#include "adapters/record_store/postgres/postgres_row_probe.hpp"

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/postgres/postgres_conversions.hpp"
#include "adapters/record_store/postgres/postgres_images.hpp"
#include "adapters/record_store/postgres/postgres_record_rows.hpp"
#include "adapters/record_store/postgres/postgres_row_trial.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace stayler::adapters {

namespace {

/// A large table may be read from its beginning to find a user.
constexpr milliseconds probe_patience{20'000};

/// Where a user's id may be found: rules may ask for one that exists.
constexpr std::array<std::string_view, 2> where_users_are{
    "SELECT user_id::text FROM conversions WHERE user_id IS NOT NULL LIMIT 1",
    "SELECT user_id::text FROM images WHERE user_id IS NOT NULL LIMIT 1"};

// The table of the users is the application's, and known by the foreign key that refers to it.
const std::string table_of_users_sql =
    "SELECT format('SELECT %I::text FROM %s LIMIT 1', theirs.attname, c.confrelid::regclass)"
    " FROM pg_constraint c"
    " JOIN pg_attribute ours ON ours.attrelid = c.conrelid AND ours.attnum = c.conkey[1]"
    " JOIN pg_attribute theirs ON theirs.attrelid = c.confrelid AND theirs.attnum = c.confkey[1]"
    " WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND ours.attname = 'user_id'"
    " AND c.conrelid IN (to_regclass('images'), to_regclass('conversions'))"
    " AND has_any_column_privilege(c.confrelid, 'SELECT') LIMIT 1";

const std::string any_conversion_sql =
    "SELECT id::text, user_id::text, user_image_id::text, cloth_image_id::text FROM conversions"
    " LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED";

std::string new_id() {
  return to_string(make_uuid_v7(std::chrono::system_clock::now()));
}

timestamp now() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

/// The first value that a statement gives; empty where there is none, or it is refused.
std::string first_value(postgres_connection& on, const std::string& sql) {
  std::string value;
  const auto asked = try_in_transaction(on, true, [&]() -> void_result {
    const auto rows = on.execute(sql);
    if (rows && rows->size() > 0) {
      value = rows->text(0, 0);
    }
    return rows ? ok() : void_result{rows.error()};
  });
  return asked ? value : "";
}

void take_if_there(std::string value, std::string& into) {
  if (!value.empty()) {
    into = std::move(value);
  }
}

std::string find_user(postgres_connection& on) {
  for (const std::string_view sql : where_users_are) {
    if (auto user = first_value(on, std::string{sql}); !user.empty()) {
      return user;
    }
  }
  const std::string in_their_table = first_value(on, table_of_users_sql);
  auto user = in_their_table.empty() ? "" : first_value(on, in_their_table);
  return user.empty() ? new_id() : user;
}

/// One run of all trials in a transaction.
class row_probe {
 public:
  row_probe(postgres_connection& on, std::vector<std::string>& notes) : on_(on), notes_(notes) {}

  void_result run() {
    user_ = find_user(on_);
    if (auto tried = try_images(); !tried) {
      return tried;
    }
    return try_conversions();
  }

 private:
  /// A row without which no job ends well is asked for; others are noted.
  void_result conclude(const result<trial_outcome>& tried, bool is_needed) {
    if (!tried) {
      return tried.error();
    }
    if (!tried->is_refused()) {
      return ok();
    }
    if (is_needed) {
      return failure{error_class::invalid_input, tried->misfit};
    }
    notes_.push_back(tried->misfit);
    return ok();
  }

  [[nodiscard]] trial_row picture(const std::string& type, const std::string& mime_type) const {
    image_record image;
    image.id = new_id();
    image.user_id = user_;
    image.type = type;
    image.file_name = image.id + ".jpeg";
    image.blob_key = "images/" + image.file_name;
    image.thumbnail_key = "images/" + image.id + "-thumb.jpeg";
    image.bytes = 1'000'000;
    image.mime_type = mime_type;
    image.width = image.height = 1'024;
    image.checksum = std::string(64, '0');
    image.created_at = now();
    return {
        "images", fmt::format("a picture of type '{}' ({})", type, mime_type),
        written_image_columns, image_columns_of(image), [image](postgres_connection& on) {
          // The second time it is there, and changed.
          auto put = put_image_in(on, image);
          return put ? put_image_in(on, image) : put;
        }};
  }

  /// The pictures that a conversion refers to stay until all is rolled back.
  void_result try_images() {
    if (auto fits = try_picture("result", true, made_); !fits) {
      return fits;
    }
    person_ = garment_ = made_;
    if (auto noted = try_picture("user", false, person_); !noted) {
      return noted;
    }
    if (auto noted = try_picture("vendor", false, garment_); !noted) {
      return noted;
    }
    for (const std::string mime_type : {"image/png", "image/webp"}) {
      if (auto noted = conclude(try_row(on_, picture("result", mime_type)), false); !noted) {
        return noted;
      }
    }
    return ok();
  }

  void_result try_picture(const std::string& type, bool is_needed, std::string& id) {
    const trial_row row = picture(type, "image/jpeg");
    const auto tried = try_row(on_, row, true);
    if (is_needed || (tried && tried->is_taken())) {
      id = *row.values.front();
    }
    return conclude(tried, is_needed);
  }

  [[nodiscard]] conversion_update conversion(job_status status) const {
    conversion_update update;
    update.conversion_id = new_id();
    update.user_id = user_;
    update.user_image_id = person_;
    update.cloth_image_id = garment_;
    update.status = status;
    update.attempt = {job_id{make_uuid_v7(std::chrono::system_clock::now())}, fencing_token{1}};
    update.at = now();
    return update;
  }

  /// The same with what is said besides in that status.
  [[nodiscard]] conversion_update with(conversion_update update, job_status status) const {
    update.status = status;
    update.result_image_id = status == job_status::completed ? made_ : "";
    update.error_message = status == job_status::failed ? std::string(100, 'x') : "";
    update.processing_time = milliseconds{is_final(status) ? 60'000 : 0};
    return update;
  }

  static trial_row row_of(
      const conversion_update& update, std::function<void_result(postgres_connection&)> write
  ) {
    return {
        "conversions", fmt::format("the status '{}'", to_string(update.status)),
        written_conversion_columns, conversion_columns_of(update), std::move(write)};
  }

  /// A conversion that is begun by its row's creation, and goes on to that status.
  [[nodiscard]] trial_row life_to(job_status status) const {
    const auto begun =
        conversion(status == job_status::pending ? job_status::pending : job_status::processing);
    const auto ended = with(begun, status);
    return row_of(ended, [begun, ended](postgres_connection& on) {
      auto recorded = record_in(on, begun);
      return recorded ? record_in(on, ended) : recorded;
    });
  }

  /// One whose row begins with that status: rules on users hide no rules on it then.
  [[nodiscard]] trial_row birth_in(job_status status) const {
    const auto born = with(conversion(status), status);
    return row_of(born, [born](postgres_connection& on) { return record_in(on, born); });
  }

  void_result try_conversions() {
    const auto begun = try_row(on_, life_to(job_status::processing));
    if (!begun) {
      return begun.error();
    }
    if (begun->is_refused() && !begun->is_about_written_columns) {
      // The application makes the rows of its conversions itself, and this service changes them.
      notes_.push_back(
          begun->misfit + "; conversions that the application has not made itself fail"
      );
      return try_existing_conversion();
    }
    if (auto fits = conclude(begun, true); !fits) {
      return fits;
    }
    return for_each_status([this](job_status status) -> result<trial_outcome> {
      auto tried = try_row(on_, life_to(status));
      const bool is_unclear = tried && tried->is == trial_outcome::kind::unclear;
      return is_unclear ? try_row(on_, birth_in(status)) : tried;
    });
  }

  void_result try_existing_conversion() {
    std::optional<conversion_update> found;
    auto asked = try_in_transaction(on_, true, [&]() -> void_result {
      const auto row = on_.execute(any_conversion_sql);
      if (!row) {
        return row.error();
      }
      if (row->size() > 0) {
        found = conversion(job_status::processing);
        found->conversion_id = row->text(0, 0);
        take_if_there(row->text(0, 1), found->user_id);
        take_if_there(row->text(0, 2), found->user_image_id);
        take_if_there(row->text(0, 3), found->cloth_image_id);
      }
      return ok();
    });
    if (!asked || !found) {
      return asked;
    }
    return for_each_status([&](job_status status) {
      const auto changed = with(*found, status);
      auto tried = try_row(on_, row_of(changed, [changed](postgres_connection& on) {
                             return overwrite_conversion(on, changed);
                           }));
      if (tried && tried->is_refused() && !tried->is_about_written_columns) {
        // Of another row, which has not ended yet, it may be taken.
        notes_.push_back(tried->misfit);
        tried->is = trial_outcome::kind::unclear;
      }
      return tried;
    });
  }

  void_result for_each_status(const std::function<result<trial_outcome>(job_status)>& attempt) {
    for (const job_status status :
         {job_status::processing, job_status::completed, job_status::pending, job_status::failed,
          job_status::cancelled}) {
      const bool is_needed = status == job_status::processing || status == job_status::completed;
      if (auto fits = conclude(attempt(status), is_needed); !fits) {
        return fits;
      }
    }
    return ok();
  }

  postgres_connection& on_;
  std::vector<std::string>& notes_;
  std::string user_;
  std::string made_;     ///< a result's picture
  std::string person_;   ///< a user's
  std::string garment_;  ///< a vendor's
};

}  // namespace

result<std::vector<std::string>> probe_rows(const postgres_options& server) {
  postgres_options patient = server;
  patient.statement_timeout = patient.answer_timeout = probe_patience;
  postgres_database database{patient};
  std::vector<std::string> notes;
  bool is_through = false;
  const auto ended = database.transact([&](postgres_connection& on) -> void_result {
    notes.clear();
    if (auto ran = row_probe{on, notes}.run(); !ran) {
      return ran;
    }
    is_through = true;
    return failure{error_class::cancelled, "nothing of a probe is kept"};
  });
  if (!is_through) {
    return ended.error();
  }
  return notes;
}

}  // namespace stayler::adapters
