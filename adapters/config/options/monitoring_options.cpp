// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace text_formats;

constexpr option monitoring_rows[] = {
    {.names = {"WORKER_HEALTH_CHECK_PORT", "healthCheckPort"},
     .value = integer{&settings::health_check_port, 0, 65'535},
     .remark = "0 for any free port; not the port of the API",
     .meaning = "Port of the health probes and of /metrics, separate from the API."},
    {.names = {"WORKER_ENABLE_METRICS", "enableMetrics"},
     .value = boolean{&settings::enable_metrics},
     .meaning = "Whether /metrics answers."},
    {.names = {"WORKER_ENABLE_HEALTH_CHECK", "enableHealthCheck"},
     .value = boolean{&settings::enable_health_check},
     .meaning = "Whether the port of the health probes is opened."},
    {.names = {"WORKER_HEALTH_CHECK_ADDRESS", "healthCheckAddress"},
     .value = text{&settings::health_check_address, or_empty(ip_address)},
     .meaning = "Address of the health probes and of /metrics, which need no key. Empty: that of "
                "the API."},
    {.names = {"WORKER_HISTORY_FILE", "historyFile"},
     .value = text{&settings::history_file, or_empty(file_name)},
     .meaning = "A file to which one JSON line is appended for each change of a job: for audits "
                "and tests. Empty: none."},
    {.names = {"WORKER_LOG_LEVEL", "logLevel"},
     .is_live = true,
     .value = text{&settings::log_level, levels},
     .meaning = "Least severe lines that are logged, for all subsystems or for each."},
    {.names = {"WORKER_LOG_FORMAT", "logFormat"},
     .value = choice{&settings::log_format, {"text", "json"}},
     .meaning = "Form of the log lines."},
    {.names = {"WORKER_AUDIT_FILE", "auditFile"},
     .value = text{&settings::audit_file, or_empty(file_name)},
     .meaning = "The file of the audit trail: one JSON line for each call of the API that changes "
                "something, chained and signed; closed parts of it, its signed head and its lock "
                "lie beside it. Empty: audit.jsonl in WORKER_DATA_DIR."},
    {.names = {"WORKER_AUDIT_KEY", "auditKey"},
     .is_secret = true,
     .value = text{&settings::audit_key, or_empty(long_secret)},
     .meaning = "Signs the audit trail, and hashes users' ids in it and in the log: at least 32 "
                "characters. Empty: a key that is made once and lies beside the trail, where it "
                "stops nobody who may write there."},
    {.names = {"WORKER_LOG_USER_IDS", "logUserIds"},
     .value = choice{&settings::log_user_ids, {"none", "hashed", "plain"}},
     .meaning = "How users stand in the log, in lines about their jobs: not at all; by a hash that "
                "is the same for the same user as long as WORKER_AUDIT_KEY stays; by their ids."},
};

}  // namespace

option_group monitoring_options() noexcept {
  return {"Logs, audit trail and probes", monitoring_rows};
}

}  // namespace stayler::adapters
