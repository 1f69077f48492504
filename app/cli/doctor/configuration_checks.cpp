// SPDX-License-Identifier: MIT
#include "app/cli/doctor/configuration_checks.hpp"

#include "adapters/config/loading/settings_file.hpp"
#include "adapters/config/option_table.hpp"
#include "app/cli/doctor/work_checks.hpp"
#include "app/cli/doctor/worker_program.hpp"
#include "app/cli/output/result_file.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <sys/stat.h>

namespace stayler::cli {

namespace {

constexpr std::string_view speaker = "stayler-worker: ";

/// What an option is for, and what is allowed: what helps who has to mend it.
std::string advice_for(std::string_view variable) {
  const auto* option = adapters::find_option_by_variable(variable);
  if (option == nullptr) {
    return "mend the name, or leave it out; stayler-worker --help lists all";
  }
  return fmt::format("allowed: {}. {}", option->allowed(), option->meaning);
}

finding read_line(std::string_view line, bool has_failed) {
  const auto colon = line.find(": ");
  const auto variable = line.substr(0, colon);
  const bool has_name =
      colon != std::string_view::npos && is_alphanumeric(variable, "_") && !variable.empty();
  const auto what = has_name ? line.substr(colon + 2) : line;
  // What has no effect is said, too, and is no fault of the file.
  const bool is_ignored = what.starts_with("ignored");
  return {
      has_name ? std::string{variable} : "configuration",
      has_failed && !is_ignored ? verdict::fail : verdict::warn, std::string{what},
      has_name ? advice_for(variable) : std::string{}};
}

finding check_rights(const std::string& file, const adapters::settings_file& content) {
  struct ::stat status {};
  const bool has_secrets = std::ranges::any_of(content.assignments, [](const auto& each) {
    const auto* option = adapters::find_option_by_variable(each.name);
    return option != nullptr && option->is_secret && !each.value.empty();
  });
  if (::stat(file.c_str(), &status) == 0 && has_secrets && (status.st_mode & 0007U) != 0) {
    return {
        "rights", verdict::warn, "everybody here can read the secrets in it",
        "chmod 600 " + file + ", or keep them in files of their own (NAME_FILE)"};
  }
  return {
      "rights", verdict::ok, has_secrets ? "only its owner reads its secrets" : "no secrets", ""};
}

std::string data_folder(const adapters::settings_file& content) {
  for (const auto& each : content.assignments) {
    if (each.name == "WORKER_DATA_DIR") {
      return each.value;
    }
  }
  const auto* option = adapters::find_option_by_variable("WORKER_DATA_DIR");
  return option == nullptr ? std::string{} : option->print(settings{});
}

}  // namespace

std::vector<finding> read_check_output(std::string_view output, int exit_code_of_it) {
  std::vector<finding> found;
  while (!output.empty()) {
    auto line = take_until(output, "\n");
    if (line.starts_with(speaker)) {
      found.push_back(read_line(line.substr(speaker.size()), exit_code_of_it != 0));
    }
  }
  if (exit_code_of_it == 0) {
    found.push_back({"options", verdict::ok, "stayler-worker takes all of them", ""});
  } else if (std::ranges::none_of(found, [](const auto& each) {
               return each.result == verdict::fail;
             })) {
    found.push_back(
        {"options", verdict::fail,
         fmt::format("stayler-worker has ended with {} and says nothing", exit_code_of_it),
         "run it by hand with --check-config"}
    );
  }
  return found;
}

std::vector<finding> check_configuration(command_context& context, const std::string& file) {
  const auto content = adapters::parse_settings_file(read_whole_file(file), file);
  const auto program = find_worker_program(context.environment());
  if (program.empty()) {
    refuse_usage(
        "cannot check " + file, "stayler-worker is neither beside this program nor in PATH",
        "run it where the service is installed"
    );
  }
  const auto ended = run_to_end(program, {"--config", file, "--check-config"});
  auto found = read_check_output(ended.output, ended.exit_code);
  found.push_back(check_rights(file, content));
  found.push_back(check_disk(data_folder(content)));
  return found;
}

}  // namespace stayler::cli
