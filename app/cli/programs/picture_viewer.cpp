// SPDX-License-Identifier: MIT
#include "app/cli/programs/picture_viewer.hpp"

#include "app/cli/output/result_file.hpp"
#include "app/cli/programs/program_run.hpp"

#include <filesystem>

namespace stayler::cli {

bool open_picture(const std::string& file) {
  // A name that begins with "-" is no flag.
  const auto path = std::filesystem::absolute(file).string();
  return start_program_apart({.words = {"xdg-open", path}, .is_silent = true})
         || start_program_apart({.words = {"open", path}, .is_silent = true});
}

bool draw_picture(const command_context& context, const std::string& file) {
  return context.out.is_terminal()
         && run_program({.words = {"chafa", std::filesystem::absolute(file).string()}}) == 0;
}

std::string temporary_picture(
    const command_context& context, const std::string& id, const adapters::json_value& job
) {
  // A folder of the user's own where there is one: the picture shows a person.
  const auto folder = context.environment()("XDG_RUNTIME_DIR")
                          .value_or(context.environment()("TMPDIR").value_or("/tmp"));
  return (std::filesystem::path{folder} / usual_file_name("stayler-" + id, job)).string();
}

}  // namespace stayler::cli
