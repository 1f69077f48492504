// SPDX-License-Identifier: MIT
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;

constexpr option retention_rows[] = {
    {.names = {"QUEUE_MAX_FINISHED", "queueMaxFinished"},
     .is_live = true,
     .value = integer{&settings::max_finished, 0, 100'000'000},
     .meaning = "How many finished jobs, and how many dead letters, are kept at most, whatever "
                "their age; the oldest go first. 0: no limit."},
    {.names = {"WORKER_HISTORY_RETENTION", "historyRetention"},
     .value = duration{&settings::history_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning =
         "How long that history is kept; up to an eighth longer, as it goes by files. The file "
         "is one process's then."},
    {.names = {"WORKER_RETENTION", "retention"},
     .is_live = true,
     .value = duration{&settings::retention, 1s, 8'760h},
     .meaning = "How long completed and cancelled jobs are kept."},
    {.names = {"WORKER_DEAD_LETTER_RETENTION", "deadLetterRetention"},
     .is_live = true,
     .value = duration{&settings::dead_letter_retention, 1s, 8'760h},
     .meaning = "How long failed jobs are kept."},
    {.names = {"WORKER_UPLOAD_RETENTION", "uploadRetention"},
     .is_live = true,
     .value = duration{&settings::upload_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning = "How long pictures of users (type user) are kept; those of vendors stay."},
    {.names = {"WORKER_RESULT_RETENTION", "resultRetention"},
     .is_live = true,
     .value = duration{&settings::result_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning = "How long pictures that jobs have made (type result) are kept."},
    {.names = {"WORKER_RECORD_RETENTION", "recordRetention"},
     .is_live = true,
     .value = duration{&settings::record_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning = "How long final conversions are kept among the records, where these are in SQLite: "
                "in PostgreSQL they are the application's."},
    {.names = {"WORKER_AUDIT_RETENTION", "auditRetention"},
     .value = duration{&settings::audit_retention, 1s, 87'600h},
     .meaning = "How long audit records are kept; up to an eighth longer, as they go by files."},
};

}  // namespace

option_group retention_options() noexcept {
  return {"Retention", retention_rows};
}

}  // namespace stayler::adapters
