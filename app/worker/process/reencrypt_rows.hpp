// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_report.hpp"
#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <functional>

namespace stayler::app {

/// Encrypts with the current key the rows of all stores of the settings: jobs, records and
/// notifications. Each is decrypted, and thereby checked. `on_failure` is told of each that cannot
/// be read, and stays as it is. The first store that fails ends it.
result<adapters::row_report> reencrypt_rows(
    const settings& config, const std::function<void(const failure& why)>& on_failure
);

}  // namespace stayler::app
