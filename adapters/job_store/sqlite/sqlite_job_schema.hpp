// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The tables of the SQLite job store and every statement on them.
namespace stayler::adapters::sqlite_jobs {

inline constexpr std::string_view schema_name = "job_store";

/// A job is its bytes (job_codec.hpp) and, as columns, what it is searched by. Bytes rather than
/// JSON or a column for each field: nothing searches the rest, and a job changes three times in its
/// life at least. `lane` is the priority band of a pending job, and ahead_lanes more where it goes
/// ahead of its user's others; 0 for jobs that are not pending. `type` is job_type, and
/// suspect_types more for a suspect. Where the rows are encrypted, `data` is an encrypted content,
/// and user_id, conversion_id and idempotency_key are pseudonyms. `owner` is the instance that gave
/// the lease; `at` is the time_of the job. Status numbers are job_status. The indexes on what waits
/// are partial, so that finished jobs do not weigh on them.
inline constexpr std::array<std::string_view, 4> migrations{
    R"(
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    conversion_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    status INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    type INTEGER NOT NULL,
    at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    data BLOB NOT NULL);
  CREATE INDEX jobs_waiting ON jobs (lane, type, user_id, id, at) WHERE status = 0;
  CREATE INDEX jobs_due ON jobs (at) WHERE status = 1;
  CREATE INDEX jobs_leased ON jobs (at) WHERE status = 2;
  CREATE INDEX jobs_finished ON jobs (status, at) WHERE status >= 3;
  CREATE INDEX jobs_by_status ON jobs (status, id);
  CREATE INDEX jobs_by_user ON jobs (user_id, id);
  CREATE INDEX jobs_by_conversion ON jobs (conversion_id, id) WHERE conversion_id <> '';
  CREATE UNIQUE INDEX jobs_by_key ON jobs (user_id, idempotency_key) WHERE idempotency_key <> '';
  CREATE UNIQUE INDEX jobs_in_flight ON jobs (user_id, conversion_id)
    WHERE status <= 2 AND conversion_id <> '';
  CREATE TABLE job_counts (
    pending INTEGER NOT NULL, scheduled INTEGER NOT NULL, processing INTEGER NOT NULL,
    completed INTEGER NOT NULL, failed INTEGER NOT NULL, cancelled INTEGER NOT NULL,
    accepted INTEGER NOT NULL, completed_job_time INTEGER NOT NULL,
    last_finished_at INTEGER NOT NULL, stale_reports INTEGER NOT NULL,
    ambiguous_calls INTEGER NOT NULL, repaired INTEGER NOT NULL);
  INSERT INTO job_counts VALUES (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  CREATE TABLE paused_types (type INTEGER PRIMARY KEY);
)",
    // Not unique: earlier versions let users have jobs in flight for a conversion of one name.
    R"(
  DROP INDEX jobs_in_flight;
  CREATE INDEX jobs_in_flight ON jobs (conversion_id) WHERE status <= 2 AND conversion_id <> '';
)",
    R"(
  CREATE INDEX jobs_ahead ON jobs (type, user_id, id) WHERE lane > 1000 AND lane < 1000000;
)",
    // What was paused before has no end, and nothing is known of why.
    R"(
  ALTER TABLE paused_types ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE paused_types ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE paused_types ADD COLUMN paused_by TEXT NOT NULL DEFAULT '';
  ALTER TABLE paused_types ADD COLUMN reason TEXT NOT NULL DEFAULT '';
)"};

/// Below the lanes of the jobs that go ahead of their user's others. The statements have this
/// number, and prioritized_band, as they are.
inline constexpr std::uint32_t ahead_lanes = 1'000;

/// Below the types of suspects.
inline constexpr int suspect_types = 1'000;

enum class query {
  insert,
  update_all,
  update_lease,
  update_data,
  remove,
  set_aside,
  find_id,
  find_key,
  find_in_flight,
  find_ahead,
  find_flow,
  find_any_of_flow,
  find_flows,
  find_due,
  find_owned,
  find_expired,
  find_dead_letters,
  find_finished,
  find_oldest,
  next_due,
  read_counts,
  write_counts,
  count_all,
  count_waiting,
  read_pauses,
  write_pause,
  remove_pause,
};

/// In the order of `query`. Those that find jobs answer with the columns seq, lane, owner,
/// data, id and status.
/// Terms that look idle let SQLite prove that a partial index applies.
inline constexpr std::array<std::string_view, 27> statements{
    "INSERT INTO jobs (id, user_id, conversion_id, idempotency_key, status, lane, type, at, "
    "owner, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9)",
    "UPDATE jobs SET status = ?2, lane = ?3, at = ?4, owner = ?5, data = ?6, type = ?7 "
    "WHERE seq = ?1",
    "UPDATE jobs SET at = ?2, data = ?3 WHERE seq = ?1",
    "UPDATE jobs SET data = ?2 WHERE seq = ?1",
    "DELETE FROM jobs WHERE seq = ?1",
    "UPDATE jobs SET status = 4, lane = 0, owner = '' WHERE seq = ?1",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE id = ?1",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE user_id = ?1 AND idempotency_key = "
    "?2 "
    "AND idempotency_key <> ''",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE conversion_id = ?1 "
    "AND conversion_id <> '' AND status <= 2 LIMIT 1",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE lane > 1000 AND lane < 1000000 AND "
    "type = ?1 "
    "AND user_id = ?2 ORDER BY id LIMIT 1",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE status = 0 AND lane = ?1 AND type = "
    "?2 "
    "AND user_id = ?3 ORDER BY id LIMIT 1",
    "SELECT 1 FROM jobs WHERE status = 0 AND lane IN (?1, ?1 + 1000) AND type = ?2 "
    "AND user_id = ?3 LIMIT 1",
    "SELECT lane, type, user_id, min(at) AS since FROM jobs WHERE status = 0 "
    "GROUP BY lane, type, user_id ORDER BY since",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE status = 1 AND at <= ?1 ORDER BY at "
    "LIMIT ?2",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE status = 2 AND owner = ?1",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE status = 2 AND at <= ?1 ORDER BY at "
    "LIMIT ?2",
    "SELECT seq, status FROM jobs WHERE status = 4 AND status >= 3 AND at <= ?1 "
    "ORDER BY at LIMIT ?2",
    "SELECT seq, status, at FROM jobs WHERE status = 3 AND status >= 3 AND at <= ?1 UNION ALL "
    "SELECT seq, status, at FROM jobs WHERE status = 5 AND status >= 3 AND at <= ?1 "
    "ORDER BY at LIMIT ?2",
    "SELECT seq, lane, owner, data, id, status FROM jobs WHERE status = 0 ORDER BY id LIMIT 1",
    "SELECT min(at) FROM jobs WHERE status = 1",
    "SELECT * FROM job_counts",
    "UPDATE job_counts SET pending = ?1, scheduled = ?2, processing = ?3, completed = ?4, "
    "failed = ?5, cancelled = ?6, accepted = ?7, completed_job_time = ?8, last_finished_at = ?9, "
    "stale_reports = ?10, ambiguous_calls = ?11, repaired = ?12",
    "SELECT status, count(*) FROM jobs GROUP BY status",
    "SELECT user_id, count(*) FROM jobs WHERE status IN (0, 1) GROUP BY user_id",
    "SELECT type, since, until, paused_by, reason FROM paused_types ORDER BY type",
    "INSERT OR REPLACE INTO paused_types (type, since, until, paused_by, reason) "
    "VALUES (?1, ?2, ?3, ?4, ?5)",
    "DELETE FROM paused_types WHERE type = ?1",
};

/// Listings, newest first, each along an index of its own. ?1 is the cursor, ?2 the oldest job.
inline constexpr std::string_view list_all =
    "SELECT id, data, status FROM jobs WHERE id < ?1 AND id >= ?2 ORDER BY id DESC";
inline constexpr std::string_view list_by_status =
    "SELECT id, data, status FROM jobs WHERE id < ?1 AND id >= ?2 AND status = ?3 ORDER BY id DESC";
inline constexpr std::string_view list_by_user =
    "SELECT id, data, status FROM jobs WHERE id < ?1 AND id >= ?2 AND user_id = ?3 ORDER BY id "
    "DESC";
inline constexpr std::string_view list_by_conversion =
    "SELECT id, data, status FROM jobs WHERE id < ?1 AND id >= ?2 AND conversion_id = ?3 "
    "AND conversion_id <> '' ORDER BY id DESC";

}  // namespace stayler::adapters::sqlite_jobs
