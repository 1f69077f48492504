// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/service_tree.hpp"
#include "adapters/blob_store/blob_store.hpp"
#include "messages/base/result.hpp"
#include "messages/service/settings.hpp"

#include <memory>
#include <string>

namespace stayler::app {

/// What this process is called among nodes: NODE_NAME, or the host's name.
std::string node_name_of(const settings& config);

/// Why the image store of the settings would not open, as far as can be said without calling it.
void_result check_blob_store(const settings& config);

/// The image store of the settings, which gives out what is stored as it is: encrypted, where it
/// is.
result<std::unique_ptr<adapters::blob_store>> open_stored_blobs(const settings& config);

/// Opens the ports that the settings choose: folders, files, connections. Errors name what could
/// not be opened, and why.
result<actors::service_adapters> open_adapters(const settings& config);

/// The same for a worker node, which has no jobs, records and notifications of its own.
result<actors::service_adapters> open_node_ports(const settings& config);

}  // namespace stayler::app
