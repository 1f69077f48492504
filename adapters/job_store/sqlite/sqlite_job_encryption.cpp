// SPDX-License-Identifier: MIT
#include "adapters/job_store/sqlite/sqlite_job_encryption.hpp"

#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/sqlite/sqlite_job_schema.hpp"
#include "adapters/job_store/sqlite/sqlite_job_statements.hpp"
#include "adapters/job_store/unreadable_job.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace stayler::adapters::sqlite_jobs {

namespace {

constexpr int jobs_per_step = 500;

struct plain_job {
  std::int64_t seq = 0;
  job value;
};

/// The next jobs behind that row.
result<std::vector<plain_job>> read_plain(sqlite_statement& find, std::int64_t after) {
  std::vector<plain_job> jobs;
  failure unreadable;
  const auto done = find.bind(1, after).for_each([&](const sqlite_statement& row) {
    const auto data = row.blob(1);
    auto value = decode_job({reinterpret_cast<const char*>(data.data()), data.size()});
    value ? jobs.push_back({row.int64(0), *std::move(value)})
          : static_cast<void>(unreadable = value.error());
  });
  if (!done || unreadable) {
    return done ? unreadable : done.error();
  }
  return jobs;
}

void_result write_encrypted(sqlite_statement& write, const row_cipher& cipher, const plain_job& j) {
  const job_request& request = j.value.request;
  const std::string data = cipher.encrypt(place_of_job(j.value.id), encode_job(j.value));
  return write.bind(1, j.seq)
      .bind(2, cipher.pseudonym(user_kind, request.user_id))
      .bind(3, cipher.pseudonym(conversion_kind, request.conversion_id))
      .bind(4, cipher.pseudonym(key_kind, request.idempotency_key))
      .bind_blob(5, std::as_bytes(std::span{data}))
      .run();
}

void_result encrypt_all(sqlite_database& database, const row_cipher& cipher) {
  auto find = database.prepare(
      "SELECT seq, data FROM jobs WHERE seq > ?1 ORDER BY seq LIMIT "
      + std::to_string(jobs_per_step)
  );
  auto write = database.prepare(
      "UPDATE jobs SET user_id = ?2, conversion_id = ?3, idempotency_key = ?4, data = ?5"
      " WHERE seq = ?1"
  );
  if (!find || !write) {
    return find ? std::move(write).error() : std::move(find).error();
  }
  for (std::int64_t after = 0;;) {
    const auto some = read_plain(*find, after);
    if (!some || some->empty()) {
      return some ? ok() : void_result{some.error()};
    }
    for (const plain_job& each : *some) {
      if (auto written = write_encrypted(*write, cipher, each); !written) {
        return written;
      }
    }
    after = some->back().seq;
  }
}

}  // namespace

result<row_cipher> open_cipher(sqlite_database& database, const encryption_keys& keys) {
  return open_row_cipher(database, schema_name, keys, {"SELECT 1 FROM jobs LIMIT 1", encrypt_all});
}

std::string place_in_row(std::string_view id) {
  return place_of_job(id_in_row(std::as_bytes(std::span{id})));
}

}  // namespace stayler::adapters::sqlite_jobs
