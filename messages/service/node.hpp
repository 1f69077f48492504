// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/text.hpp"
#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "messages/jobs/job.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler {

/// Changes with every change of what nodes and coordinators say to each other, which a test
/// compares with what is written down. A hello, its answer and failures never change.
inline constexpr std::uint32_t node_protocol = 4;

/// An attempt that a node works on, and the slot that does.
struct node_attempt {
  std::string slot;
  attempt_id attempt;

  friend bool operator==(const node_attempt&, const node_attempt&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_attempt& x) {
  return f(x.slot, x.attempt);
}

/// A node introduces itself.
struct node_hello {
  std::string name;
  uuid instance_id;  ///< another one for each start of the process
  std::string version;
  std::uint32_t protocol = node_protocol;
  std::uint32_t slots = 0;
  std::vector<job_type> capabilities;
  std::vector<node_attempt> attempts;  ///< leased by a coordinator that it has lost

  friend bool operator==(const node_hello&, const node_hello&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_hello& x) {
  return f(x.name, x.instance_id, x.version, x.protocol, x.slots, x.capabilities, x.attempts);
}

/// What a node that was taken in has to know.
struct node_welcome {
  std::string coordinator;  ///< its host, for logs
  milliseconds lease{0};    ///< one side silent for a third of it is given up by the other
  milliseconds ping_interval{0};

  friend bool operator==(const node_welcome&, const node_welcome&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_welcome& x) {
  return f(x.coordinator, x.lease, x.ping_interval);
}

/// How a node stands with its coordinator.
struct link_status {
  std::string coordinator;
  bool is_draining = false;  ///< it takes no more jobs
  std::uint32_t busy = 0;    ///< slots

  friend bool operator==(const link_status&, const link_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, link_status& x) {
  return f(x.coordinator, x.is_draining, x.busy);
}

/// 1 to 64 letters, digits, dots, dashes or underscores.
constexpr bool is_node_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 64 && is_alphanumeric(name, ".-_");
}

/// "NODE/SLOT": what a queue calls a worker of a node.
inline std::string remote_worker_id(const std::string& node, const std::string& slot) {
  return node + "/" + slot;
}

/// The node of such a worker; empty for a worker of the queue's own process.
constexpr std::string_view node_of_worker(std::string_view worker_id) noexcept {
  const auto slash = worker_id.find('/');
  return slash == std::string_view::npos ? std::string_view{} : worker_id.substr(0, slash);
}

}  // namespace stayler
