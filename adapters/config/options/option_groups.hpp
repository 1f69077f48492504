// SPDX-License-Identifier: MIT
#pragma once

// The rows of the option table, a file for each group. A new option is a row in one of them and a
// field in messages/service/settings.hpp, which the `inspect` there names as well.

#include "adapters/config/option_table.hpp"

namespace stayler::adapters {

option_group job_options() noexcept;
option_group provider_options() noexcept;
option_group api_options() noexcept;
option_group store_options() noexcept;
option_group picture_options() noexcept;
option_group notification_options() noexcept;
option_group retention_options() noexcept;
option_group monitoring_options() noexcept;
option_group tracing_options() noexcept;
option_group outgoing_options() noexcept;
option_group process_options() noexcept;
option_group node_options() noexcept;

}  // namespace stayler::adapters
