// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/service/events.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stayler::policies {

/// Chooses the node that gets the next job: the one of whose workers the largest share is free,
/// counted less where attempts take longer there. So nodes of any size fill up evenly, and a slow
/// one is left with less. Only attempts that made something count for a node's speed: one that
/// fails at once must not attract all work.
class node_balance {
 public:
  /// A worker of that node is there; it is not free yet.
  void add_worker(const std::string& node);
  /// It is gone. It was not free.
  void remove_worker(const std::string& node);

  /// A worker of that node waits for a job, or no longer does.
  void set_free(const std::string& node);
  void set_busy(const std::string& node);

  /// An attempt there has made what it should, in that time.
  void add_duration(const std::string& node, milliseconds took);

  /// The node whose free worker is next; there has to be one.
  [[nodiscard]] const std::string& choose() const;

  [[nodiscard]] bool has_free() const noexcept { return free_ > 0; }
  [[nodiscard]] std::vector<node_load> loads() const;

 private:
  struct node_share {
    std::uint32_t slots = 0;
    std::uint32_t free = 0;
    double average_ms = 0;  ///< moving average of an attempt's time; 0: not known
  };

  [[nodiscard]] double average_of_nodes() const;
  static double score(const node_share& node, double average_of_all);

  std::map<std::string, node_share> nodes_;
  std::uint32_t free_ = 0;
};

}  // namespace stayler::policies
