// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_store.hpp"
#include "messages/base/result.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace stayler::adapters {

/// A store that also writes the history of its jobs: one JSON line for each change that took
/// effect, with the job, its fencing token and `process`, appended to the file when the store has
/// the batch and before anybody is answered. The file outlives kill -9 of the process, not the loss
/// of power; a kill between the two loses the lines of the one batch under way, and the line
/// `opened` says where that may have happened. For audits and tests: tests/history checks it.
/// What is past `retention` goes (history_file.hpp); 0: never. unavailable where the file cannot be
/// opened.
result<std::unique_ptr<job_store>> open_history_job_store(
    std::unique_ptr<job_store> inner,
    const std::filesystem::path& file,
    std::string process,
    milliseconds retention = milliseconds{0}
);

}  // namespace stayler::adapters
