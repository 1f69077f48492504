// SPDX-License-Identifier: MIT
#include "app/cli/client/interruption.hpp"
#include "app/cli/run_cli.hpp"
#include "app/program/program_start.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  stayler::app::start_program();
  stayler::cli::watch_interruptions();
  try {
    return stayler::cli::run_cli(
        std::vector<std::string>{argv + 1, argv + argc},
        [](std::string_view name) -> std::optional<std::string> {
          const char* value = std::getenv(std::string{name}.c_str());
          return value == nullptr || *value == '\0' ? std::nullopt : std::optional{value};
        }
    );
  } catch (const std::exception& error) {
    std::cerr << "stayler: " << error.what() << "\n  do:  this is a bug; please report it\n";
    return 1;
  }
}
