// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_database.hpp"
#include "adapters/record_store/record_store.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// What record_store::record_all() promises, in one transaction where the values allow it.
std::vector<void_result> record_together(
    postgres_database& database, std::span<const conversion_update> updates
);

/// The columns of the application's table that a record writes, beside created_at for a new row.
inline constexpr std::array<std::string_view, 10> written_conversion_columns{
    "id",         "user_id",         "user_image_id", "cloth_image_id",
    "status",     "result_image_id", "error_message", "processing_time_ms",
    "updated_at", "completed_at"};

/// What a record writes there, in the order of these columns.
postgres_values conversion_columns_of(const conversion_update& update);

/// What record_store::record() promises, within the connection's transaction.
void_result record_in(postgres_connection& on, const conversion_update& update);

/// Writes the row of a conversion that is there, whatever the fencing rule says.
void_result overwrite_conversion(postgres_connection& on, const conversion_update& update);

/// What record_store::find_conversion() promises.
result<conversion_record> find_conversion_in(
    postgres_database& database, const std::string& conversion_id
);

}  // namespace stayler::adapters
