// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace stayler::test {

/// Hosts of a test's own: network namespaces with an address each, joined by a bridge. The thread
/// that makes the network, and what it starts, are on the bridge's own host; nothing of it reaches
/// the machine's network. Takes root, or the test fails. Ends with the object and its processes.
class network_hosts {
 public:
  /// Where servers of the test listen.
  static constexpr const char* own_address = "10.77.0.1";
  static constexpr const char* subnet = "10.77.0.0/24";

  network_hosts();
  network_hosts(const network_hosts&) = delete;
  network_hosts& operator=(const network_hosts&) = delete;
  ~network_hosts();

  /// Adds a host; its address.
  std::string add(const std::string& name);

  [[nodiscard]] const std::string& address_of(const std::string& name) const;

  /// A program, with its arguments, as it is run on that host.
  [[nodiscard]] std::pair<std::filesystem::path, std::vector<std::string>> command_on(
      const std::string& name, const std::filesystem::path& program
  ) const;

  void cut(const std::string& name);     ///< nothing gets there or from there
  void deafen(const std::string& name);  ///< nothing gets there; what it sends arrives
  void mend(const std::string& name);    ///< undoes both

 private:
  friend class host_visit;
  struct host {
    std::string address;
    std::string link;   ///< the bridge's end of its cable
    pid_t keeper = -1;  ///< the namespace lives as long as this process
    int space = -1;
  };

  void run_on(const host& where, std::vector<std::string> command) const;

  std::map<std::string, host> hosts_;
  int home_ = -1;  ///< the bridge's namespace
  std::uint8_t last_ = 10;
};

/// While it lives, the sockets that this thread makes are that host's.
class host_visit {
 public:
  host_visit(const network_hosts& network, const std::string& name);
  host_visit(const host_visit&) = delete;
  host_visit& operator=(const host_visit&) = delete;
  ~host_visit();

 private:
  int home_;
};

}  // namespace stayler::test
