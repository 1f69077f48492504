// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/node_tls/inner_identity.hpp"
#include "adapters/quarantine/quarantines.hpp"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace stayler::adapters {

/// Runs the service's own program as a worker node, on this host, over loopback. A thread of its
/// own starts the processes and hears of their end. They end with that thread, however this process
/// ends.
class process_quarantines final : public quarantines {
 public:
  /// The certificate that they all show, and the coordinator to them. unavailable.
  static result<std::shared_ptr<process_quarantines>> make(std::filesystem::path program);

  explicit process_quarantines(std::filesystem::path program, inner_identity identity);
  process_quarantines(const process_quarantines&) = delete;
  process_quarantines& operator=(const process_quarantines&) = delete;
  /// Kills all.
  ~process_quarantines() override;

  /// By what the coordinator tells quarantines from others on loopback.
  [[nodiscard]] node_credentials credentials() const { return identity_.files(); }

  /// Where on loopback the coordinator takes them in; none is started before.
  void set_coordinator_port(std::uint16_t port);

  result<std::string> start(const settings& config) override;
  void end(const std::string& name) override;
  std::optional<std::string> how_it_ended(const std::string& name) override;
  std::vector<std::string> names() override;

 private:
  using clock = std::chrono::steady_clock;

  struct run {
    std::vector<std::string> environment;
    ::pid_t pid = -1;  ///< while it runs
    bool is_to_end = false;
    bool is_over = false;
    clock::time_point kill_at;  ///< where it is to end
    std::string how;            ///< why it is over
  };

  void keep();
  void start_process(run& one);
  void look_after(run& one);
  static void kill_and_wait(run& one);

  std::filesystem::path program_;
  inner_identity identity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, run> runs_;
  std::uint16_t port_ = 0;
  bool is_closing_ = false;
  std::thread keeper_;
};

}  // namespace stayler::adapters
