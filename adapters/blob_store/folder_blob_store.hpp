// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/blob_store/blob_store.hpp"

#include <filesystem>
#include <memory>

namespace stayler::adapters {

/// Blobs as files under a folder, which is created; written by rename after fsync. Left-over
/// temporary files of a killed process are removed on opening. unavailable where the folder cannot
/// be made or written to.
result<std::unique_ptr<blob_store>> open_folder_blob_store(const std::filesystem::path& root);

}  // namespace stayler::adapters
