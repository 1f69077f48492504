// SPDX-License-Identifier: MIT
#include "app/cli/batch/batch_run.hpp"

#include "adapters/json/json_writer.hpp"
#include "adapters/url/url.hpp"
#include "app/cli/batch/batch_plan.hpp"
#include "app/cli/batch/patient_call.hpp"
#include "app/cli/client/interruption.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/picture_source.hpp"
#include "app/cli/jobs/submission.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "app/cli/output/result_file.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace stayler::cli {

namespace {

using adapters::json_value;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds least_look_pause{500};
constexpr milliseconds longest_look_pause{10'000};

bool is_done(const batch_entry& entry) {
  return entry.state == "completed" && entry.error.empty();
}

/// Whether others of the batch may be taken although this one is not.
bool is_about_one_row(const command_error& error) {
  return error.status != 0 && error.status != 401 && error.status != 429
         && error.code != exit_code::unreachable;
}

/// Submits what has to be, waits for what runs, and keeps the log.
class batch_run {
 public:
  batch_run(command_context& context, std::vector<batch_job> jobs, batch_log& log)
      : context_(context), jobs_(std::move(jobs)), log_(log), display_(context.out) {
    find_entries(jobs_, log_);
    folder_ = context_.given.value("output").value_or("");
    context_.api().set_interruption_advice(
        "the jobs go on; say the same again to go on with " + log_.file()
    );
  }

  void submit_all() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      show("submitting", i);
      submit(jobs_[i]);
    }
  }

  void wait_for_all() {
    for (;;) {
      const auto begin = steady_clock::now();
      const auto open = look_at_open_jobs();
      if (open == 0) {
        return;
      }
      show("working", jobs_.size() - open);
      // A round costs the service something: no more than a fifth of the time is for asking.
      const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
      pause_for(std::clamp(took * 4, least_look_pause, longest_look_pause));
    }
  }

  int report() {
    display_.clear();
    std::vector<std::string> order;
    for (const auto& job : jobs_) {
      order.push_back(job.entry.key);
    }
    log_.compact(order);
    const auto done = count([](const auto& entry) { return is_done(entry); });
    if (context_.out.is_json()) {
      print_document(done);
    }
    context_.out.note(fmt::format(
        "{} of {} completed, {} failed, {} refused; more is in {}", done, jobs_.size(),
        count([](const auto& entry) { return has_failed(entry); }),
        count([](const auto& entry) { return entry.state == "refused"; }), log_.file()
    ));
    return code(done);
  }

  int report_detached() {
    display_.clear();
    const auto taken = count([](const auto& entry) { return !entry.job.empty(); });
    for (const auto& job : jobs_) {
      if (!job.entry.job.empty() && !context_.out.is_json()) {
        context_.out.print(job.entry.job);
      }
    }
    if (context_.out.is_json()) {
      print_document(0);
    }
    context_.out.note("say the same without --detach to wait for them, or stayler watch ID...");
    return taken == jobs_.size() ? 0 : code(taken);
  }

 private:
  static bool has_failed(const batch_entry& entry) {
    return entry.state == "failed" || entry.state == "cancelled"
           || (entry.state == "completed" && !entry.error.empty());
  }

  template <class Predicate>
  [[nodiscard]] std::size_t count(Predicate holds) const {
    return static_cast<std::size_t>(std::ranges::count_if(jobs_, [&holds](const auto& job) {
      return holds(job.entry);
    }));
  }

  [[nodiscard]] int code(std::size_t done) const {
    if (done == jobs_.size()) {
      return 0;
    }
    if (done > 0) {
      return static_cast<int>(exit_code::done_in_part);
    }
    const bool ran = count([](const auto& entry) { return !entry.job.empty(); }) > 0;
    return static_cast<int>(ran ? exit_code::job_failed : exit_code::refused);
  }

  void show(std::string_view stage, std::size_t done) {
    const auto remark = context_.out.has_error_terminal()
                            ? fmt::format("{} of {}", done, jobs_.size())
                            : std::string{};
    display_.show(stage, static_cast<int>(done * 100 / jobs_.size()), remark);
  }

  void put(batch_job& job, std::string state) {
    job.entry.state = std::move(state);
    log_.put(job.entry);
  }

  void submit(batch_job& job) {
    auto& entry = job.entry;
    if (!entry.job.empty()) {
      return;
    }
    try {
      if (entry.state != "sending") {
        // From here on the same request is sent, whatever the row or a picture becomes.
        entry.error.clear();
        entry.request = render_request(job);
        put(job, "sending");
      }
      const auto answer =
          ask_patiently(display_, [&] { return submit_job(context_, entry.request, entry.key); });
      entry.job = text_of(answer.json(), "id");
      put(job, "submitted");
    } catch (const command_error& error) {
      if (!is_about_one_row(error)) {
        throw;
      }
      entry.error = error.why;
      put(job, "refused");
      tell(job);
    }
  }

  std::string render_request(const batch_job& job) {
    auto request = read_submission(job.given, command_context::now());
    request.user = user_of(job);
    if (request.conversion.empty() && request.type != "image_processing") {
      request.conversion = job.entry.key;
    }
    for (const auto& [flag, member] : picture_members) {
      if (const auto picture = job.given.value(flag)) {
        request.*member = stored_picture(*picture, request.user);
      }
    }
    return render_job_request(request);
  }

  std::string user_of(const batch_job& job) {
    if (const auto user = job.given.value("user")) {
      return *user;
    }
    if (user_.empty()) {
      user_ = current_user(context_);
    }
    return user_;
  }

  /// A file that many rows name is uploaded once.
  std::string stored_picture(const std::string& picture, const std::string& user) {
    auto& id = pictures_[{picture, user}];
    if (id.empty() && is_picture_file(picture)) {
      id = text_of(
          ask_patiently(
              display_, [&] { return upload_picture(context_, display_, picture, user, "user"); }
          ).json(),
          "id"
      );
    } else if (id.empty()) {
      id = picture_source(context_, display_, picture, user);
    }
    return id;
  }

  /// Whether nothing is to be done any more; a result that was deleted is written again.
  [[nodiscard]] bool has_ended(const batch_job& job) const {
    if (job.entry.job.empty()) {
      return true;
    }
    const bool wants_file = !job.output.empty() || !folder_.empty();
    return looked_at_.contains(job.entry.key)
           || (is_done(job.entry) && (!wants_file || std::filesystem::exists(job.entry.output)));
  }

  /// Ends those that have ended; how many are left.
  std::size_t look_at_open_jobs() {
    const auto running = running_jobs();
    std::size_t open = 0;
    for (auto& job : jobs_) {
      if (has_ended(job)) {
        continue;
      }
      if (running.contains(job.entry.job)) {
        ++open;
        continue;
      }
      const auto found = find_job(job.entry.job);
      if (!is_final_status(text_of(found, "status"))) {
        ++open;
        continue;
      }
      end(job, found);
    }
    return open;
  }

  /// The ids of all that waits or runs: those of a batch that are not among them have ended.
  std::set<std::string> running_jobs() {
    std::set<std::string> ids;
    std::string cursor;
    do {
      const auto page =
          ask_patiently(display_, [&] {
            return context_.api().ask(
                {.path = "/worker/jobs?limit=500&status=pending,scheduled,processing"
                         + (is_of_one_user() ? "&userId=" + adapters::encode_percent(user_) : "")
                         + (cursor.empty() ? "" : "&cursor=" + cursor)},
                "cannot see how far the jobs are"
            );
          }).json();
      for (const auto& job : list_of(page, "jobs")) {
        ids.insert(text_of(job, "id"));
      }
      cursor = text_of(page, "nextCursor");
    } while (!cursor.empty());
    return ids;
  }

  [[nodiscard]] bool is_of_one_user() const {
    return !user_.empty()
           && std::ranges::none_of(jobs_, [](const auto& job) { return job.given.has("user"); });
  }

  json_value find_job(const std::string& id) {
    try {
      return ask_patiently(
                 display_,
                 [&] {
                   return context_.api().ask(
                       {.path = "/worker/jobs/" + id}, "cannot read job " + id
                   );
                 }
      ).json();
    } catch (const command_error& error) {
      if (error.code != exit_code::not_found) {
        throw;
      }
      // Its retention has passed.
      return *adapters::parse_json(
          R"({"status":"failed","error":{"class":"gone","message":"the service has it no more"}})"
      );
    }
  }

  void end(batch_job& job, const json_value& found) {
    auto& entry = job.entry;
    entry.image = text_of(found, "result.imageId");
    entry.error = text_of(found, "error.message");
    const auto status = text_of(found, "status");
    if (status == "completed") {
      entry.error.clear();
      download(job, found);
    } else if (!entry.error.empty()) {
      entry.error = text_of(found, "error.class") + ": " + entry.error;
    }
    looked_at_.insert(entry.key);
    put(job, status);
    tell(job);
  }

  void download(batch_job& job, const json_value& found) {
    auto& entry = job.entry;
    auto file = job.output;
    if (file.empty() && !folder_.empty()) {
      file = (std::filesystem::path{folder_} / usual_file_name(entry.job, found)).string();
    }
    if (file.empty()) {
      return;
    }
    try {
      save_image(context_, entry.image, file);
      entry.output = file;
    } catch (const command_error& error) {
      if (error.code == exit_code::interrupted || error.code == exit_code::out_of_time) {
        throw;
      }
      entry.error = error.what_failed + ": " + error.why;
    }
  }

  void tell(const batch_job& job) {
    if (context_.out.is_json()) {
      return;
    }
    display_.clear();
    const auto& entry = job.entry;
    const auto& what = !entry.error.empty()    ? entry.error
                       : !entry.output.empty() ? entry.output
                                               : entry.image;
    context_.out.print(fmt::format("{:>4}  {:<9}  {}", entry.row, entry.state, safe_text(what)));
  }

  void print_document(std::size_t done) {
    adapters::json_writer json;
    json.begin_object().field("batch", log_.id()).field("results", log_.file());
    json.field("rows", jobs_.size()).field("completed", done).key("jobs").begin_array();
    for (const auto& job : jobs_) {
      json.raw(render_batch_entry(job.entry));
    }
    json.end_array().end_object();
    context_.print_json(json.text(), "jobs");
  }

  command_context& context_;
  std::vector<batch_job> jobs_;
  batch_log& log_;
  progress_display display_;
  std::string folder_;
  std::string user_;  ///< of rows that name none
  std::map<std::pair<std::string, std::string>, std::string> pictures_;
  std::set<std::string> looked_at_;  ///< keys of those that have ended during this run
};

void refuse_what_is_for_one(const parsed_line& given) {
  for (const auto* flag : {"idempotency-key", "open"}) {
    if (given.has(flag)) {
      refuse_usage(
          fmt::format("cannot use --{} with --batch", flag), "it is about one job", "leave it out"
      );
    }
  }
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw command_error{
        exit_code::refused, "cannot make the folder " + folder, error.message(),
        "-o names a folder where there is --batch"};
  }
}

}  // namespace

int run_batch(command_context& context) {
  refuse_what_is_for_one(context.given);
  auto jobs = read_batch(context);
  const auto file = context.given.value("batch").value_or("-");
  if (file == "-" && !context.given.has("results")) {
    refuse_usage(
        "cannot tell where the results go", "the batch comes from stdin", "say --results FILE"
    );
  }
  if (const auto folder = context.given.value("output")) {
    make_folder(*folder);
  }
  if (const auto limit = context.duration("wait", milliseconds{0}); limit.count() > 0) {
    context.api().set_deadline(steady_clock::now() + limit);
  }
  batch_log log{context.given.value("results").value_or(file + ".results.jsonl")};
  batch_run run{context, std::move(jobs), log};
  run.submit_all();
  if (context.given.has("detach")) {
    return run.report_detached();
  }
  run.wait_for_all();
  return run.report();
}

}  // namespace stayler::cli
