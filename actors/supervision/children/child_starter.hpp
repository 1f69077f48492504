// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/children/child_table.hpp"
#include "actors/supervision/supervision_tree.hpp"
#include "actors/supervision/supervisor_impl.hpp"
#include "adapters/clock/wall_clock.hpp"

#include <cstdint>

namespace stayler::actors {

/// What the supervisor starts children with. All of it outlives the starter.
struct start_context {
  const service_tree& tree;
  const adapters::wall_clock& clock;
  const settings& config;
};

/// Starts the children that are missing, and keeps as many workers as are wanted.
class child_starter {
 public:
  child_starter(supervisor_impl::pointer self, directory& peers, child_table& children)
      : self_(self), peers_(peers), children_(children) {}

  /// Starts the core actors that do not run and can: true where there were some. The one that gives
  /// out the jobs is told to begin where `should_dispatch`.
  bool start_core(const start_context& with, bool should_dispatch);

  /// Starts the workers that are missing and retires those that are too many, once all run that
  /// workers depend on.
  void scale_workers(const start_context& with);

 private:
  void begin_life(child& started, caf::actor handle, const adapters::wall_clock& clock);
  void retire_surplus(std::uint32_t wanted);

  supervisor_impl::pointer self_;
  directory& peers_;
  child_table& children_;
};

/// The name of a worker: they are numbered from 1.
std::string worker_name(std::uint32_t number);

}  // namespace stayler::actors
