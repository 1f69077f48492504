// SPDX-License-Identifier: MIT
#include "app/cli/jobs/job_ids.hpp"

#include "app/cli/output/json_texts.hpp"
#include "messages/base/text.hpp"
#include "messages/base/uuid.hpp"

#include <chrono>

namespace stayler::cli {

bool may_be_job_id(std::string_view text) {
  return text.size() >= 4 && text.size() <= 36 && consists_of(text, "0123456789abcdefABCDEF-");
}

std::string fresh_id() {
  return to_string(make_uuid_v7(std::chrono::system_clock::now()));
}

std::string find_job_id(command_context& context, const std::string& text) {
  if (parse_uuid(text)) {
    return text;
  }
  if (!may_be_job_id(text)) {
    refuse_usage(
        "cannot use " + text,
        "a job is named by four or more characters of its id, jobs by words such as status:failed",
        "stayler list shows the ids of jobs"
    );
  }
  const auto page = context.api().get("/worker/jobs?limit=2&q=" + text, "cannot find job " + text);
  const auto& jobs = list_of(page, "jobs");
  if (jobs.empty()) {
    throw command_error{
        exit_code::not_found, "there is no job whose id begins with " + text, "",
        "stayler list shows the jobs that there are; is it the right service (--url)?"};
  }
  if (jobs.size() > 1) {
    refuse_usage(
        "several jobs' ids begin with " + text, "", "stayler list id:" + text + " shows them"
    );
  }
  return text_of(jobs.front(), "id");
}

}  // namespace stayler::cli
