// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"
#include "tests/integration/http/api/fakes/fake_records.hpp"

#include <caf/all.hpp>

#include <memory>

namespace stayler::test {

/// Erases nothing, and knows the erasures that it was asked for; lists the images in `rows`, whose
/// blobs' keys are their ids, and for each user one conversion. "cut-off" is a user whose records
/// cannot be read, "half-gone" one with an image without bytes.
user_data_actor spawn_fake_user_data(
    caf::actor_system& system, const std::shared_ptr<fake_rows>& rows
);

}  // namespace stayler::test
