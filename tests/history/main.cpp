// SPDX-License-Identifier: MIT

// history-check FILE...: checks histories written with WORKER_HISTORY_FILE. Every job must have
// ended. Exit code 1 where a promise was broken.
#include "tests/history/history_check.hpp"

#include <iostream>

int main(int count, char** arguments) {
  const std::vector<std::filesystem::path> files{arguments + 1, arguments + count};
  if (files.empty()) {
    std::cerr << "usage: history-check FILE...\n";
    return 2;
  }
  const auto report = stayler::test::check_history(files, {});
  for (const std::string& violation : report.violations) {
    std::cerr << violation << '\n';
  }
  std::cout << report.figures << '\n' << report.violations.size() << " violations\n";
  return report.violations.empty() ? 0 : 1;
}
