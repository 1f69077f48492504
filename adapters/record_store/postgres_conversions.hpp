// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/record_store.hpp"

#include <span>
#include <string>
#include <vector>

namespace stayler::adapters {

/// What record_store::record_all() promises, in one transaction where the values allow it.
std::vector<void_result> record_together(
    postgres_database& database, std::span<const conversion_update> updates
);

/// What record_store::find_conversion() promises.
result<conversion_record> find_conversion_in(
    postgres_database& database, const std::string& conversion_id
);

}  // namespace stayler::adapters
