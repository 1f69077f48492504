// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/child_process.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace stayler::test {

/// A real redis-server on a free loopback port, with its data in a folder of its own: a command
/// that was answered survives kill -9 (appendfsync always). Ends with the object.
class redis_process {
 public:
  /// `settings` are further arguments: {"--requirepass", "secret"}. The test fails with apt's line
  /// where there is no redis-server.
  explicit redis_process(std::vector<std::string> settings = {});
  redis_process(const redis_process&) = delete;
  redis_process& operator=(const redis_process&) = delete;
  ~redis_process();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::string socket_path() const;
  /// Where its dump and its log of commands are.
  [[nodiscard]] const std::filesystem::path& data_folder() const noexcept { return folder_.path(); }

  /// SIGTERM, and waits for the end.
  void stop();
  /// kill -9, and waits for the end.
  void kill9();
  /// Starts again on the same port with the same data, and waits until it serves.
  void start();
  void pause() const;   ///< SIGSTOP: connections stay open, nothing is answered
  void resume() const;  ///< SIGCONT

 private:
  void end(int signal);

  std::vector<std::string> settings_;
  temporary_folder folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace stayler::test
