// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_database.hpp"
#include "messages/jobs/ownership.hpp"

namespace stayler::adapters {

/// What record_store::find_owners() promises, with one statement for each hundred ids where the
/// application's types of ids can spell them all.
result<ownership_report> find_owners_in(postgres_database& database, const ownership_query& asked);

}  // namespace stayler::adapters
