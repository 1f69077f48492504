// SPDX-License-Identifier: MIT
#include "app/gemini_sim/gemini_sim.hpp"
#include "app/gemini_sim/version.hpp"
#include "app/program/program_start.hpp"

#include <csignal>
#include <iostream>
#include <span>

namespace {

int run(const stayler::sim::sim_options& options) {
  const sigset_t stop_signals = stayler::app::hold_back({SIGINT, SIGTERM});
  const auto sim = stayler::sim::gemini_sim::start(options);
  if (!sim) {
    std::cerr << "gemini-sim: " << sim.error().message << '\n';
    return 1;
  }
  std::cout << "gemini-sim listening on " << options.address << ':' << (*sim)->port() << std::endl;
  int received = 0;
  sigwait(&stop_signals, &received);
  (*sim)->stop(stayler::milliseconds{500});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  stayler::app::start_program();
  const std::span<const char* const> arguments{argv + 1, static_cast<std::size_t>(argc) - 1};
  const auto line = stayler::sim::parse_command_line(arguments);
  if (!line) {
    std::cerr << "gemini-sim: " << line.error().message << '\n';
    return 2;
  }
  if (line->wants_help) {
    std::cout << stayler::sim::help_text();
    return 0;
  }
  if (line->wants_version) {
    std::cout << "gemini-sim " << stayler::sim::version << '\n';
    return 0;
  }
  return run(line->options);
}
