// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <sys/types.h>
#include <vector>

namespace stayler::test {

/// A line of /proc/PID/stat.
struct process_state {
  char state = 'X';  ///< R, S, T, Z, ...; X where there is no such process
  ::pid_t parent = 0;
  long cpu_ticks = 0;
};

inline process_state state_of(::pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  std::getline(file, line);
  process_state found;
  if (const auto end = line.rfind(')'); end != std::string::npos) {
    std::istringstream rest{line.substr(end + 1)};
    std::vector<std::string> fields{std::istream_iterator<std::string>{rest}, {}};
    found.state = fields.at(0).at(0);
    found.parent = static_cast<::pid_t>(std::stol(fields.at(1)));
    found.cpu_ticks = std::stol(fields.at(11)) + std::stol(fields.at(12));
  }
  return found;
}

/// The children of that process, zombies among them.
inline std::set<::pid_t> children_of(::pid_t parent) {
  std::set<::pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    const std::string name = entry.path().filename();
    if (std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) {
      const auto pid = static_cast<::pid_t>(std::stol(name));
      if (state_of(pid).parent == parent) {
        found.insert(pid);
      }
    }
  }
  return found;
}

}  // namespace stayler::test
