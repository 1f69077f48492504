// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/key_pair/key_pair.hpp"
#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

namespace stayler::app {

/// Whether the API speaks TLS.
[[nodiscard]] inline bool has_tls(const settings& config) noexcept {
  return !config.tls_certificate.empty();
}

/// The certificate that it shows then.
adapters::key_pair_files tls_files_of(const settings& config);

/// Why the service would not start with the certificates that it is told to use, of the API, of the
/// port for nodes and of other authorities, or nothing.
void_result check_tls_files(const settings& config);

/// Says in the log where others on the machine may read a key.
void warn_of_open_keys(const settings& config);

}  // namespace stayler::app
