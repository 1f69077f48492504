// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/record_store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler::adapters {

// What a record store promises of one user's records, of those that are past their time, and of
// erasures.

result<std::vector<conversion_update>> conversions_of_in(
    postgres_database& database,
    const std::string& user_id,
    const std::string& after,
    std::uint32_t limit
);

/// The rows are the application's: what of pictures and errors was written there is taken out.
result<std::uint64_t> clear_conversions_of_in(
    postgres_database& database, const std::string& user_id, std::uint32_t limit
);

result<std::uint64_t> erase_spending_of_in(postgres_database& database, const std::string& user_id);

void_result save_erasure_in(postgres_database& database, const erasure& changed);
result<erasure> find_erasure_in(postgres_database& database, const uuid& id);
result<std::vector<erasure>> open_erasures_in(postgres_database& database);

}  // namespace stayler::adapters
