// SPDX-License-Identifier: MIT
#pragma once

// Actors that do as little as possible behind the API: what counts is which message a request
// becomes, and what an answer or a failure looks like to a caller.

#include "actors/supervision/directory.hpp"
#include "messages/protocol.hpp"

#include <caf/all.hpp>

#include <vector>

namespace stayler::test {

/// All that the API talks to.
struct fake_actors {
  actors::directory parts;
  supervisor_actor supervisor;
  std::vector<caf::actor> all;
};

/// `has_parts`: false for a service that is still starting, whose directory is empty.
fake_actors spawn_fakes(caf::actor_system& system, bool has_parts);

}  // namespace stayler::test
