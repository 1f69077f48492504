// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/children/child_table.hpp"
#include "actors/supervision/supervision_tree.hpp"
#include "actors/supervision/supervisor_impl.hpp"

#include <string>

namespace stayler::actors {

/// Tells children to end, and kills those that do not. Each step has its time, after which the
/// supervisor sends itself `end_overdue_atom`.
class child_terminator {
 public:
  child_terminator(supervisor_impl::pointer self, child_table& children)
      : self_(self), children_(children) {}

  /// Tells a child that runs to end, unless it was told already.
  void end(child& ending, milliseconds timeout);

  /// Tells all workers to end; false where none runs.
  bool end_workers();

  /// Tells those to end that depend on this core actor, directly or not.
  void end_dependents_of(const std::string& name, const service_tree& tree);

  /// The child has had its time: kills it. False where that was done before, and nothing helps.
  bool kill(child& overdue);

  /// From now on no step has more than a second.
  void shorten_timeouts() { is_short_ = true; }
  [[nodiscard]] milliseconds shortened(milliseconds timeout) const;

 private:
  supervisor_impl::pointer self_;
  child_table& children_;
  bool is_short_ = false;
};

}  // namespace stayler::actors
