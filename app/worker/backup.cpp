// SPDX-License-Identifier: MIT
#include "app/worker/backup.hpp"

#include "adapters/backup/backup.hpp"
#include "app/worker/complaint.hpp"
#include "app/worker/process/service.hpp"

#include <cstdlib>
#include <iostream>

namespace stayler::app {

namespace {

/// What is elsewhere is saved there. Jobs go first: one that ends meanwhile is then known as
/// unfinished, and none is known as finished whose record is not. The outbox is in the records'
/// file.
adapters::backup_plan plan_of(const settings& config) {
  adapters::backup_plan plan;
  plan.folder = config.data_dir;
  plan.version = STAYLER_VERSION;
  if (config.queue_backend == "sqlite") {
    plan.databases.emplace_back("jobs.db");
  }
  if (config.database_url.empty()) {
    plan.databases.emplace_back("stayler.db");
  }
  if (config.storage_url.empty()) {
    plan.folders.emplace_back("blobs");
  }
  return plan;
}

}  // namespace

int back_up(const settings& config, const std::filesystem::path& target) {
  close_to_others(config.core_files);
  const auto report = adapters::make_backup(plan_of(config), target);
  if (!report) {
    return complain("--backup: " + report.error().message, EXIT_FAILURE);
  }
  std::cout << report->files << " files, " << report->bytes << " bytes saved in " << target.string()
            << "; " << report->gone << " were removed meanwhile\n";
  return EXIT_SUCCESS;
}

int restore(const settings& config, const std::filesystem::path& backup) {
  close_to_others(config.core_files);
  const auto report = adapters::restore_backup(backup, config.data_dir);
  if (!report) {
    return complain("--restore: " + report.error().message, EXIT_FAILURE);
  }
  std::cout << report->files << " files, " << report->bytes << " bytes restored into "
            << config.data_dir << '\n';
  return EXIT_SUCCESS;
}

}  // namespace stayler::app
