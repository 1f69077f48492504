// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/connection/redis_reply.hpp"
#include "adapters/redis/redis_url.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stayler::adapters {

/// Where a node sends the one who asks, in the error "MOVED slot host:port"; nothing where the
/// answer is another. `here` is the host of the node that said it: it may leave that out.
///
/// ASK, which a node says while a slot is on its way to another, is no such answer: our scripts use
/// keys that only their hash tag names, some of which are still here and some already there.
std::optional<redis_address> redirection_in(redis_value answer, const std::string& here);

/// All nodes in the answer to CLUSTER SLOTS, each once; none where it is an error.
std::vector<redis_address> nodes_in(redis_value slots, const std::string& here);

}  // namespace stayler::adapters
