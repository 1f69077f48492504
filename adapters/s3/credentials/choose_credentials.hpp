// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/s3/credentials/credentials_source.hpp"
#include "messages/service/settings.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace stayler::adapters {

/// The value of a variable of the environment, where it is set. What AWS's platforms tell a program
/// of its role stands in such variables, not in options.
using environment_reader = std::function<std::optional<std::string>(const std::string& name)>;

/// This process's own environment.
std::optional<std::string> read_environment(const std::string& name);

/// What S3_CREDENTIALS and the options beside it name, in that region; has no key yet. Keys that
/// are given out are asked for from now on. invalid_input where a variable is missing or unusable.
result<std::shared_ptr<credentials_source>> choose_credentials(
    const settings& config,
    const std::string& region,
    const environment_reader& environment = read_environment
);

/// Why choose_credentials() would fail, or that the file of S3_PROFILE_FILE has no key; calls
/// nobody.
void_result check_credentials(
    const settings& config, const environment_reader& environment = read_environment
);

}  // namespace stayler::adapters
