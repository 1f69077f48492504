// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_url.hpp"
#include "adapters/record_store/record_store.hpp"

#include <memory>

namespace stayler::adapters {

/// Records in the application's own tables in PostgreSQL, which are made where they are not there;
/// what they have no column for is in tables of ours, whose names begin with stayler_. Several
/// processes may share them. Calls may come from any thread, one at a time is served. Errors of
/// this call: as migrate_postgres. Further errors of the store's calls: store_full, permission;
/// invalid_input where the application's tables do not take a value (an id that is no uuid, say).
result<std::unique_ptr<record_store>> open_postgres_record_store(const postgres_options& server);

}  // namespace stayler::adapters
