// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/process_stats.hpp"

#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <system_error>
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

double in_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// What a limit's file says; 0 where there is none, or it says that there is no limit: "max" in
/// version 2 of control groups, a number near the largest in version 1.
std::uint64_t read_limit(const std::filesystem::path& file) {
  constexpr std::uint64_t no_limit = std::uint64_t{1} << 62U;
  std::ifstream content{file};
  std::uint64_t limit = 0;
  content >> limit;
  return content && limit < no_limit ? limit : 0;
}

/// The least limit of a group and those that it is in. In a container that sees its own group as
/// the root the path may lead nowhere, and the limit is the root's.
std::uint64_t least_limit(
    const std::filesystem::path& mount, std::filesystem::path group, const char* file
) {
  std::uint64_t least = read_limit(mount / file);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    const std::uint64_t limit = read_limit(mount / group / file);
    least = least == 0 || (limit > 0 && limit < least) ? limit : least;
  }
  return least;
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

double process_cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

file_counts process_files() {
  file_counts files;
  std::error_code failed;
  std::filesystem::directory_iterator each{"/proc/self/fd", failed};
  while (!failed && each != std::filesystem::directory_iterator{}) {
    ++files.open;
    each.increment(failed);
  }
  files.open -= files.open > 0 ? 1 : 0;  // the folder itself
  rlimit limit{};
  files.most = getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::uint64_t{limit.rlim_cur} : 0;
  return files;
}

std::uint64_t cgroup_memory_limit(const std::filesystem::path& root) {
  std::ifstream groups{root / "proc/self/cgroup"};
  const std::filesystem::path mount = root / "sys/fs/cgroup";
  for (std::string line; std::getline(groups, line);) {
    // NUMBER:CONTROLLERS:PATH, without controllers in version 2.
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
      continue;
    }
    const auto controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (controllers.find(",memory,") != std::string::npos) {
      return least_limit(mount / "memory", path, "memory.limit_in_bytes");
    }
    if (controllers == ",," && std::filesystem::exists(mount / "cgroup.controllers")) {
      return least_limit(mount, path, "memory.max");
    }
  }
  return 0;
}

}  // namespace stayler::adapters
