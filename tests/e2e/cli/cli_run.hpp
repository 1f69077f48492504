// SPDX-License-Identifier: MIT
#pragma once

#include "tests/e2e/support/service_stack.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace stayler::test {

/// How a run of the command line ended, and what it said.
struct cli_result {
  int exit_code = -1;
  std::string out;    ///< on a pseudo-terminal: both
  std::string error;  ///< empty on a pseudo-terminal
  [[nodiscard]] adapters::json_value json() const;
};

/// Runs `stayler` with pipes for stdout and stderr, and /dev/null as stdin. Its environment is HOME
/// and what is given.
cli_result run_cli(const std::vector<std::string>& arguments, const environment& changes = {});

/// The same against a worker, by STAYLER_URL.
cli_result run_cli(
    service_stack& stack, const std::vector<std::string>& arguments, const environment& changes = {}
);

/// One run on a pseudo-terminal of 100 columns (forkpty): types the answer, with a line end, when
/// the terminal shows `prompt`, and reads to the end.
struct typed_answer {
  std::string prompt;
  std::string answer;
};
cli_result run_cli_on_terminal(
    service_stack& stack,
    const std::vector<std::string>& arguments,
    const std::vector<typed_answer>& answers = {},
    const environment& changes = {}
);

/// The same without a worker, and on a terminal of so many columns.
cli_result run_cli_on_terminal(
    const std::vector<std::string>& arguments,
    const std::vector<typed_answer>& answers,
    environment variables,
    unsigned short columns = 100
);

/// A run that goes on beside the test.
class running_cli {
 public:
  running_cli(service_stack& stack, const std::vector<std::string>& arguments);
  running_cli(const running_cli&) = delete;
  running_cli& operator=(const running_cli&) = delete;
  ~running_cli();

  /// Until stdout and stderr together hold that text; the test fails where they never do.
  void wait_for(const std::string& text);
  void signal(int number) const;
  cli_result wait();

 private:
  void read_some();

  ::pid_t pid_ = -1;
  int out_ = -1;
  int error_ = -1;
  cli_result result_;
};

}  // namespace stayler::test
