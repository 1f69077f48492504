// SPDX-License-Identifier: MIT
#include "app/worker/encryption.hpp"

#include "adapters/encryption/encryption_keys.hpp"
#include "app/worker/complaint.hpp"
#include "app/worker/process/open_adapters.hpp"
#include "app/worker/process/reencrypt_rows.hpp"
#include "app/worker/process/service.hpp"

#include <cstdlib>
#include <iostream>

namespace stayler::app {

int make_new_encryption_key(std::span<const std::string> arguments) {
  if (arguments.size() != 2 || arguments.front() != "--new-encryption-key") {
    return complain("use --new-encryption-key ID", bad_usage);
  }
  const auto made = adapters::make_encryption_key(arguments.back());
  if (!made) {
    return complain("--new-encryption-key: " + made.error().message, bad_usage);
  }
  std::cout << *made << '\n';
  return EXIT_SUCCESS;
}

int rekey(const settings& config, adapters::current_blobs of_current) {
  const auto keys = adapters::encryption_keys::parse(config.encryption_keys).value();
  if (!keys.are_set()) {
    return complain("--rekey: WORKER_ENCRYPTION_KEYS is not set", bad_usage);
  }
  close_to_others(config.core_files);
  const auto store = open_stored_blobs(config);
  if (!store) {
    return complain("--rekey: " + store.error().message, EXIT_FAILURE);
  }
  const auto on_failure = [](const failure& why) {
    complain("--rekey: " + why.message, EXIT_FAILURE);
  };
  const auto report = adapters::reencrypt(**store, keys, of_current, on_failure);
  if (!report) {
    return complain("--rekey: " + report.error().message, EXIT_FAILURE);
  }
  std::cout << report->seen << " blobs: " << report->encrypted << " encrypted with the key "
            << keys.current().id << ", "
            << report->seen - report->encrypted - report->gone - report->failed << " were already, "
            << report->gone << " went meanwhile, " << report->failed << " cannot be read\n";
  const auto rows = reencrypt_rows(config, on_failure);
  if (!rows) {
    return complain("--rekey: " + rows.error().message, EXIT_FAILURE);
  }
  std::cout << rows->seen << " rows: " << rows->encrypted << " encrypted with the key "
            << keys.current().id << ", " << rows->seen - rows->encrypted - rows->failed
            << " were already, " << rows->failed << " cannot be read\n";
  return report->failed + rows->failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace stayler::app
