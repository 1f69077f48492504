// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"
#include "messages/jobs/job_filter.hpp"

namespace stayler::adapters {

/// One page of the jobs in a database that the SQLite job store has made.
/// A job that cannot be read is listed as unreadable_job(): what is said of it in its row decides
/// whether it matches.
result<job_page> list_sqlite_jobs(
    sqlite_database& database, const job_filter& filter, const row_cipher& cipher
);

}  // namespace stayler::adapters
