// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/profile/connection.hpp"
#include "messages/base/time.hpp"

namespace stayler::cli {

/// Until when the certificate of an https service is good; not set where that cannot be found out.
timestamp certificate_end(const connection& how);

/// Reads a time as OpenSSL prints it: "Dec 31 23:59:59 2026 GMT". Not set where it is none.
timestamp parse_certificate_time(const std::string& text);

}  // namespace stayler::cli
