// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/process_stats.hpp"

#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <unistd.h>

namespace stayler::adapters {

namespace {

/// Seconds since the epoch at which the machine started.
double boot_time() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  double seconds = 0;
  while (file >> name && name != "btime") {
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  file >> seconds;
  return file ? seconds : 0;
}

/// Clock ticks from the machine's start to the process's: field 22 of proc(5)'s stat.
double start_ticks() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  std::getline(file, line);
  // The second field is the program's name in parentheses, which may hold anything.
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) {
    return 0;
  }
  std::istringstream fields{line.substr(end_of_name + 1)};
  std::string skipped;
  for (int field = 3; field < 22; ++field) {
    fields >> skipped;
  }
  double ticks = 0;
  fields >> ticks;
  return fields ? ticks : 0;
}

}  // namespace

double process_start_time_seconds() {
  const double boot = boot_time();
  return boot > 0 ? boot + start_ticks() / static_cast<double>(::sysconf(_SC_CLK_TCK)) : 0;
}

std::uint64_t process_resident_memory_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return file ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace stayler::adapters
