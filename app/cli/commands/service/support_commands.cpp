// SPDX-License-Identifier: MIT
#include "app/cli/bench/load_run.hpp"
#include "app/cli/bundle/job_bundle.hpp"
#include "app/cli/bundle/tar_gz.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/jobs/job_ids.hpp"
#include "app/cli/output/result_file.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

int run_bundle(command_context& context) {
  const auto id = find_job_id(context, context.given.arguments.front());
  const auto parts = collect_bundle(context, id, context.given.has("with-images"));
  const auto folder = "stayler-" + id;
  const auto description = describe_bundle(id, parts);
  tar_gz archive{command_context::now()};
  archive.add(folder + "/README.txt", description);
  for (const auto& part : parts) {
    if (part.missing_because.empty()) {
      archive.add(folder + "/" + part.name, part.content);
    }
  }
  const auto file = context.given.value("output").value_or(folder + ".tar.gz");
  expect_writable(context.out, file);
  const auto bytes = archive.finish();
  if (file == "-") {
    context.out.print_bytes(bytes);
    return 0;
  }
  write_file(file, bytes);
  context.out.note(description);
  context.out.print(file);
  return 0;
}

}  // namespace

std::vector<command_spec> support_commands() {
  return {
      {.name = "bundle",
       .summary = "put all that support needs of a job into one archive",
       .description =
           "The job, its audit records and notifications, and how the service is, without secrets. "
           "README.txt in it says what was left out.",
       .role = "viewer",
       .arguments =
           {{.name = "ID", .meaning = "a job's id, or the beginning of one", .is_required = true}},
       .flags =
           {{.names = "-o, --output",
             .value = "FILE",
             .meaning = "where to; usually stayler-ID.tar.gz, - is stdout",
             .completes = completion::file},
            {.names = "--with-images",
             .value = "",
             .meaning = "the pictures, too: they show people"}},
       .examples = {"stayler bundle 0198f2 -o job.tar.gz"},
       .run = &run_bundle},
      bench_spec(),
  };
}

}  // namespace stayler::cli
