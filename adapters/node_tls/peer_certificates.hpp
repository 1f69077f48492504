// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

struct x509_st;

namespace stayler::adapters {

/// The certificates of those who are connected through a relay, by the port from which the relay
/// has connected to its target: all that the target sees of them. For any thread.
class peer_certificates {
 public:
  void add(std::uint16_t port, x509_st* certificate);
  void remove(std::uint16_t port);

  /// Who comes from that port calls itself that process. False where somebody with another
  /// certificate is connected and does so: what the target sends to, or hears of, that process
  /// would be anybody's.
  bool claim(std::uint16_t port, const std::string& process);

  /// Whether who comes from that port has a certificate for that name. permission, with the names
  /// that it is for; unavailable (nobody comes from there).
  [[nodiscard]] void_result check(std::uint16_t port, const std::string& name);

  /// Whether a check has ended with permission.
  [[nodiscard]] bool is_refused(std::uint16_t port) const;

 private:
  struct peer {
    std::shared_ptr<x509_st> certificate;
    std::string process;
    bool is_refused = false;
  };

  mutable std::mutex mutex_;
  std::map<std::uint16_t, peer> peers_;
};

}  // namespace stayler::adapters
