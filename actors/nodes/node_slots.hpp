// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

/// The worker slots of a node, as its coordinator knows them: announced while they are free, and
/// busy with an attempt. Passes on what the coordinator says to a slot. What it has to say to the
/// coordinator waits where there is none.
class node_slots {
 public:
  node_slots() = default;

  /// For the node of that instance.
  explicit node_slots(const uuid& instance) : instance_(instance) {}

  // What the node's workers say.
  void join(const std::string& name, worker_actor worker);
  /// True where the slot is idle; it is gone then.
  bool leave(const std::string& name);
  void on_worker_down(const caf::down_msg& down);
  /// The coordinator knows that the attempt has ended: its slot is free.
  void on_attempt_ended(const attempt_id& attempt);

  // What the coordinator says.
  void assign(const std::string& name, job& leased);
  void cancel(const attempt_id& attempt);
  /// The same, and the coordinator does not have the slot before it is free again.
  void drop(const attempt_id& attempt);
  void release(const std::string& name);

  // What becomes of the link.
  /// The attempts that a hello names; the coordinator that answers it has their slots.
  std::vector<node_attempt> begin_hello();
  /// From now on this is the coordinator: announces to it what is free.
  void connect(const node_gateway_actor& coordinator);
  void disconnect();
  /// Announces no slot any more.
  void drain();
  [[nodiscard]] bool is_draining() const noexcept { return is_draining_; }

  void cancel_all();
  void release_all();

  /// How many slots work on an attempt.
  [[nodiscard]] std::uint32_t busy() const;

 private:
  struct slot {
    worker_actor worker;
    std::optional<attempt_id> attempt{};  ///< what it works on
    bool is_announced = false;            ///< the coordinator has it
  };

  void announce(const std::string& name, slot& announced);
  void report_gone(const std::string& name, const failure& why);
  slot* slot_of(const attempt_id& attempt);

  uuid instance_;
  node_gateway_actor coordinator_;  ///< null while there is none
  std::map<std::string, slot> slots_;
  /// Slots that were named in the hello and ended before it was answered.
  std::map<std::string, failure> gone_;
  bool is_draining_ = false;
};

}  // namespace stayler::actors
