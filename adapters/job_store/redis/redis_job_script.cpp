// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_job_script.hpp"

#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/redis/redis_commands.hpp"
#include "adapters/job_store/redis/redis_job_value.hpp"
#include "adapters/job_store/store_limits.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <string>

namespace stayler::adapters {

namespace {

static_assert(
    job_status::processing < job_status::completed && job_status::processing < job_status::failed
        && job_status::processing < job_status::cancelled
        && job_status::pending < job_status::processing
        && job_status::scheduled < job_status::processing,
    "the script takes what comes after `processing` for final"
);

static_assert(highest_priority < ahead_bit && highest_priority + ahead_bit < prioritized_byte);

std::string quoted(std::string_view text) {
  return "'" + std::string{text} + "'";
}

/// Each is defined in C++ and nowhere else; the modules use them by these names.
std::string constants() {
  std::string lua;
  const auto define = [&](const std::string& name, const std::string& value) {
    lua += "local " + name + " = " + value + "\n";
  };
  const auto define_list = [&](const std::string& name, const auto& values, auto to_text) {
    std::string list;
    for (const auto& value : values) {
      list += (list.empty() ? "" : ", ") + to_text(value);
    }
    define(name, "{" + list + "}");
  };
  define("AGEING_STEP", std::to_string(ageing_step.count()));
  define("PRIORITIZED_BAND", std::to_string(prioritized_band));
  define("PRIORITIZED_BYTE", std::to_string(prioritized_byte));
  define("AHEAD_BIT", std::to_string(ahead_bit));
  define("JOBS_PER_PASS", std::to_string(jobs_per_pass));
  define("DUE_RECORD", quoted({&due_record, 1}));
  define("CLAIM_RECORD", quoted({&claim_record, 1}));
  define("SUSPECT_BIT", std::to_string(suspect_bit));
  define_list("JOB_TYPES", all_types, [](job_type type) {
    return std::to_string(static_cast<int>(type));
  });
  for (const job_status status : all_statuses) {
    define(to_upper(to_string(status)), std::to_string(static_cast<int>(status)));
  }
  define_list("COUNTS", queue_counts, [](const queue_count& each) { return quoted(each.name); });
  return lua;
}

}  // namespace

std::string_view redis_job_script() {
  static const std::string script = constants() + std::string{lua_modules()};
  return script;
}

}  // namespace stayler::adapters
