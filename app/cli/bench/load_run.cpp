// SPDX-License-Identifier: MIT
#include "app/cli/bench/load_run.hpp"

#include "adapters/json/json_writer.hpp"
#include "adapters/url/url.hpp"
#include "app/cli/client/interruption.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/job_request.hpp"
#include "app/cli/jobs/picture_source.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

namespace stayler::cli {

namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds bench_look_pause{250};

/// What a run is asked to do.
struct load_plan {
  std::size_t jobs = 0;
  std::size_t concurrency = 0;
  double rate = 0;  ///< submissions a second; 0: as many as it takes
  std::string user;
  std::string person;
  std::string garment;
};

/// What has become of the submissions; written by several threads.
struct submitted_load {
  std::mutex mutex;
  std::vector<microseconds> times;
  std::size_t refused = 0;
  std::string last_refusal;
};

std::string load_job(const load_plan& plan, std::size_t number) {
  job_request request;
  request.conversion = fmt::format("{}-{}", plan.user, number);
  request.user = plan.user;
  request.person = plan.person;
  request.garment = plan.garment;
  request.no_cache = true;
  return render_job_request(request);
}

/// One thread: takes the next number until there is none left.
void submit_some(
    const connection& how,
    const load_plan& plan,
    std::atomic<std::size_t>& next,
    submitted_load& load
) {
  api_client api{how};
  const auto begin = steady_clock::now();
  for (std::size_t number = next++; number < plan.jobs && !was_interrupted(); number = next++) {
    if (plan.rate > 0) {
      const auto due = begin
                       + std::chrono::duration_cast<steady_clock::duration>(
                           std::chrono::duration<double>{static_cast<double>(number) / plan.rate}
                       );
      std::this_thread::sleep_until(due);  // an even rate is the point of it
    }
    const auto sent = steady_clock::now();
    std::string refusal;
    try {
      api.ask(
          {.method = "POST", .path = "/worker/jobs", .body = load_job(plan, number)},
          "cannot submit"
      );
    } catch (const command_error& error) {
      refusal = error.why;
    }
    const auto took = std::chrono::duration_cast<microseconds>(steady_clock::now() - sent);
    const std::lock_guard lock{load.mutex};
    if (refusal.empty()) {
      load.times.push_back(took);
    } else {
      ++load.refused;
      load.last_refusal = refusal;
    }
  }
}

void submit_all(const connection& how, const load_plan& plan, submitted_load& load) {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < plan.concurrency; ++i) {
    threads.emplace_back([&] { submit_some(how, plan, next, load); });
  }
}

/// How many of the run's jobs are in one of these states.
std::size_t count_jobs(command_context& context, const load_plan& plan, std::string_view status) {
  std::size_t count = 0;
  std::string cursor;
  do {
    const auto page = context.api().get(
        fmt::format(
            "/worker/jobs?limit=500&status={}&userId={}{}", status,
            adapters::encode_percent(plan.user), cursor.empty() ? "" : "&cursor=" + cursor
        ),
        "cannot count the jobs"
    );
    count += list_of(page, "jobs").size();
    cursor = text_of(page, "nextCursor");
  } while (!cursor.empty());
  return count;
}

void wait_for_all(command_context& context, const load_plan& plan, std::size_t submitted) {
  progress_display display{context.out};
  for (;;) {
    const auto open = count_jobs(context, plan, "pending,scheduled,processing");
    display.show(
        "working", static_cast<int>((submitted - std::min(open, submitted)) * 100 / submitted)
    );
    if (open == 0) {
      return;
    }
    pause_for(bench_look_pause);
  }
}

void check_target(const command_context& context, const std::string& url) {
  if (!is_on_this_machine(url) && !context.out.options().says_yes) {
    refuse_usage(
        "not done: bench of " + url, "each job there may cost money, and others wait behind them",
        "say --yes if that is meant"
    );
  }
}

double seconds_of(steady_clock::duration time) {
  return std::max(std::chrono::duration<double>{time}.count(), 0.001);
}

void report_load(
    const command_context& context,
    const submitted_load& load,
    double submit_seconds,
    double all_seconds,
    std::size_t completed
) {
  const auto ms = [&load](double share) {
    return static_cast<double>(quantile_of(load.times, share).count()) / 1000;
  };
  const auto submitted = load.times.size();
  const auto submit_rate = static_cast<double>(submitted) / submit_seconds;
  const auto job_rate = static_cast<double>(completed) / all_seconds;
  if (context.out.is_json()) {
    adapters::json_writer json;
    json.begin_object().field("submitted", submitted).field("refused", load.refused);
    json.field("completed", completed).field("submissionsPerSecond", submit_rate);
    json.field("jobsPerSecond", job_rate).field("submissionP50Ms", ms(0.5));
    json.field("submissionP90Ms", ms(0.9)).field("submissionP99Ms", ms(0.99)).end_object();
    context.out.print(json.text());
    return;
  }
  context.out.print(fmt::format(
      "submitted  {} in {:.1f} s: {:.0f} a second; p50 {:.1f} ms, p90 {:.1f} ms, p99 {:.1f} ms\n"
      "refused    {}{}\ncompleted  {} in {:.1f} s: {:.1f} a second",
      submitted, submit_seconds, submit_rate, ms(0.5), ms(0.9), ms(0.99), load.refused,
      load.last_refusal.empty() ? "" : ": " + safe_text(load.last_refusal), completed, all_seconds,
      job_rate
  ));
}

int run_bench(command_context& context) {
  check_target(context, context.api().how().url);
  load_plan plan;
  plan.jobs = static_cast<std::size_t>(context.number("jobs", 100, 1, 100'000));
  plan.concurrency = static_cast<std::size_t>(context.number("concurrency", 4, 1, 256));
  plan.rate = static_cast<double>(context.number("rate", 0, 0, 100'000));
  plan.user = "bench-" + to_string(make_uuid_v7(std::chrono::system_clock::now()));
  {
    progress_display display{context.out};
    plan.person = picture_source(context, display, *context.given.value("person"), plan.user);
    plan.garment = picture_source(context, display, *context.given.value("garment"), plan.user);
  }
  submitted_load load;
  const auto begin = steady_clock::now();
  submit_all(context.api().how(), plan, load);
  const auto submit_seconds = seconds_of(steady_clock::now() - begin);
  context.api().set_interruption_advice("stop the rest by stayler cancel user:" + plan.user);
  if (!load.times.empty()) {
    wait_for_all(context, plan, load.times.size());
  }
  const auto all_seconds = seconds_of(steady_clock::now() - begin);
  const auto completed = count_jobs(context, plan, "completed");
  report_load(context, load, submit_seconds, all_seconds, completed);
  const bool is_whole = load.refused == 0 && completed == plan.jobs;
  return static_cast<int>(is_whole ? exit_code::done : exit_code::done_in_part);
}

int run_checked_bench(command_context& context) {
  if (!context.given.has("person") || !context.given.has("garment")) {
    refuse_usage(
        "cannot run the bench", "it takes a picture of a person and one of a garment",
        "stayler bench --person A.jpg --garment B.jpg --jobs 100"
    );
  }
  return run_bench(context);
}

}  // namespace

microseconds quantile_of(std::vector<microseconds> times, double share) {
  if (times.empty()) {
    return microseconds{0};
  }
  std::ranges::sort(times);
  const auto index =
      static_cast<std::size_t>(std::lround(share * static_cast<double>(times.size() - 1)));
  return times.at(index);
}

command_spec bench_spec() {
  return {
      .name = "bench",
      .summary = "submit many jobs, wait for them, and say how fast that was",
      .description =
          "Its jobs belong to a user of their own, bench-ID, and take no result from the cache. "
          "Only against this machine, unless --yes is said: jobs cost money.",
      .role = "submitter",
      .flags =
          {{.names = "--person",
            .value = "PICTURE",
            .meaning = "a file or id",
            .completes = completion::file},
           {.names = "--garment",
            .value = "PICTURE",
            .meaning = "a file or id",
            .completes = completion::file},
           {.names = "--jobs", .value = "N", .meaning = "so many; usually 100"},
           {.names = "--concurrency", .value = "N", .meaning = "callers at a time; usually 4"},
           {.names = "--rate", .value = "N", .meaning = "so many a second at most"}},
      .examples = {"stayler bench --person me.jpg --garment coat.png --jobs 200"},
      .run = &run_checked_bench};
}

}  // namespace stayler::cli
