// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace stayler::test {

/// A program of ours that serves: started, found by the line that says where it listens, and ended.
class service_process {
 public:
  enum class awaited : bool { nothing, address };

  /// Starts the program with only these environment variables (and PATH), and, where its address is
  /// awaited, waits until stdout says `... listening on [http://]HOST:PORT`. The test fails, with
  /// the program's stderr, where that does not happen in time. stderr goes to the file `log`.
  service_process(
      const std::filesystem::path& program,
      std::vector<std::string> arguments,
      const std::map<std::string, std::string>& environment,
      std::filesystem::path log,
      awaited what = awaited::address
  );
  service_process(const service_process&) = delete;
  service_process& operator=(const service_process&) = delete;
  /// kill -9, where it still runs.
  ~service_process();

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  /// Where the probes are, empty where the program did not say.
  [[nodiscard]] const std::string& probe_url() const noexcept { return probe_url_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  void signal(int number) const;

  /// The exit code, or 128 + the signal that ended it; -1 where it did not end within that time.
  int wait(std::chrono::milliseconds limit);

  /// SIGTERM, and its exit code.
  int stop(std::chrono::milliseconds limit = std::chrono::seconds{20});

  /// Closes the reading end of its stdout: what it writes from now on breaks a pipe.
  void stop_reading();

  [[nodiscard]] bool is_running() const;

  /// Everything that it has written so far, stdout and stderr.
  [[nodiscard]] std::string output() const;

  /// Resident memory in KiB.
  [[nodiscard]] long resident_kib() const;

 private:
  void start(
      const std::filesystem::path& program,
      std::vector<std::string> arguments,
      const std::map<std::string, std::string>& environment
  );
  void read_addresses();

  pid_t pid_ = -1;
  int stdout_ = -1;
  std::filesystem::path log_;
  std::string said_;
  std::string url_;
  std::string probe_url_;
};

/// Runs a program to its end: exit code, stdout and stderr.
struct finished_run {
  int exit_code = -1;
  std::string output;
};
finished_run run_program(
    const std::filesystem::path& program,
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment
);

}  // namespace stayler::test
