// SPDX-License-Identifier: MIT
#include "app/cli/batch/batch_plan.hpp"

#include "app/cli/batch/batch_rows.hpp"
#include "app/cli/jobs/submission.hpp"
#include "app/cli/output/result_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

namespace stayler::cli {

namespace {

/// Flags that are about one job, and that a row may have in their place.
constexpr std::array<std::string_view, 18> row_words{
    "person",     "garment",  "image",   "operation", "type",    "user",
    "conversion", "style",    "quality", "prompt",    "aspect",  "format",
    "no-cache",   "priority", "urgency", "at",        "retries", "job-timeout"};
constexpr std::size_t named_faults = 5;

std::vector<flag_spec> row_flags(const command_spec& submit) {
  std::vector<flag_spec> flags;
  for (const auto& flag : submit.flags) {
    if (flag.name() == "output" || std::ranges::count(row_words, flag.name()) > 0) {
      flags.push_back(flag);
    }
  }
  return flags;
}

std::string batch_text(const std::string& file) {
  return file == "-" ? std::string{std::istreambuf_iterator<char>{std::cin}, {}}
                     : read_whole_file(file);
}

batch_job plan_row(const command_context& context, const batch_row& row) {
  batch_job job;
  job.entry.row = row.number;
  job.given = context.given;
  for (const auto& [name, values] : row.fields) {
    job.given.flags[name] = values;
  }
  const auto output = row.fields.find("output");
  job.output = output == row.fields.end() ? std::string{} : output->second.back();
  const auto request = read_submission(job.given, command_context::now());
  static_cast<void>(render_job_request(request));
  if (job.output == "-") {
    refuse_usage("cannot write a batch to stdout", "its rows are named there", "name a file");
  }
  if (!job.output.empty()) {
    expect_writable(context.out, job.output);
  }
  return job;
}

void expect_nothing_twice(const std::vector<batch_job>& jobs, const std::string& file) {
  std::set<std::string> outputs;
  std::set<std::string> conversions;
  for (const auto& job : jobs) {
    const auto here = [&] { return fmt::format("cannot use {}, row {}", file, job.entry.row); };
    if (!job.output.empty() && !outputs.insert(job.output).second) {
      refuse_usage(
          here(), job.output + " is the output of another row, too",
          "give each row a file of its own"
      );
    }
    const auto conversion = job.given.value("conversion");
    if (conversion && !conversions.insert(*conversion).second) {
      refuse_usage(
          here(), "conversion " + *conversion + " is that of another row, too, and has one picture",
          "give each row a conversion of its own"
      );
    }
  }
}

}  // namespace

std::vector<batch_job> read_batch(const command_context& context) {
  const auto file = context.given.value("batch").value_or("-");
  const auto rows = read_batch_rows(batch_text(file), file, row_flags(*context.given.command));
  std::vector<batch_job> jobs;
  std::string faults;
  std::size_t faulty = 0;
  for (const auto& row : rows) {
    try {
      jobs.push_back(plan_row(context, row));
    } catch (const command_error& error) {
      ++faulty;
      if (faulty <= named_faults) {
        faults += fmt::format(
            "{}line {}: {}: {}", faults.empty() ? "" : "; ", row.line, error.what_failed, error.why
        );
      }
    }
  }
  if (faulty > 0) {
    refuse_usage(
        fmt::format("cannot use {}: {} of {} rows are wrong", file, faulty, rows.size()), faults,
        "mend them; nothing has been submitted"
    );
  }
  expect_nothing_twice(jobs, file);
  return jobs;
}

void find_entries(std::vector<batch_job>& jobs, const batch_log& log) {
  std::map<std::string, std::size_t> seen;
  for (auto& job : jobs) {
    batch_fields said;
    for (const auto word : row_words) {
      if (job.given.has(word)) {
        said[std::string{word}] = job.given.values(word);
      }
    }
    const auto print = fingerprint_of(said).substr(0, 24);
    const auto row = job.entry.row;
    job.entry = log.find(fmt::format("cli-{}-{}-{}", log.id(), print, ++seen[print]));
    job.entry.row = row;
  }
}

}  // namespace stayler::cli
