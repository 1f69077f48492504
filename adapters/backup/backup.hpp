// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace stayler::adapters {

/// What of a data folder is saved, in this order: first who names something, then what is named.
/// What does not exist there is left out.
struct backup_plan {
  std::filesystem::path folder;
  std::vector<std::string> databases;  ///< SQLite files in it
  std::vector<std::string> folders;    ///< of files that are written once, and may be removed
  std::string version;                 ///< of the program, for people
};

struct backup_report {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t gone = 0;  ///< files that were removed before they were copied
};

/// Saves it beside a service that runs. Each database is as it was at one moment, the later ones
/// at a later one; files are copied after them, so that whatever a database names was there to be
/// copied. In `target`, which appears when all of it is durable, `manifest` names each file with
/// size and SHA-256. conflict where `target` exists: nothing is written over. not_found where
/// there is nothing to be saved. unavailable.
result<backup_report> make_backup(const backup_plan& plan, const std::filesystem::path& target);

/// Copies it into a folder that is missing or empty, once every file has been compared with the
/// manifest. The files belong to whom the folder belongs to. conflict where the folder has
/// something in it, invalid_input where the backup is not whole, with the first file that is not;
/// in both cases the folder is as it was. unavailable: then what has been copied is removed.
result<backup_report> restore_backup(
    const std::filesystem::path& backup, const std::filesystem::path& folder
);

}  // namespace stayler::adapters
