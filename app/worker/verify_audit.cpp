// SPDX-License-Identifier: MIT
#include "app/worker/verify_audit.hpp"

#include "adapters/audit/file/audit_verification.hpp"
#include "app/worker/complaint.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

namespace stayler::app {

namespace {

constexpr int cannot_tell = 2;

}  // namespace

std::filesystem::path audit_file_of(const settings& config) {
  return config.audit_file.empty() ? std::filesystem::path{config.data_dir} / "audit.jsonl"
                                   : std::filesystem::path{config.audit_file};
}

result<std::string> audit_key_of(const settings& config, bool may_make) {
  return config.audit_key.empty()
             ? adapters::own_audit_key(adapters::audit_files{audit_file_of(config)}, may_make)
             : result<std::string>{config.audit_key};
}

int verify_audit_trail(const settings& config) {
  const adapters::audit_files files{audit_file_of(config)};
  const auto key = audit_key_of(config, false);
  if (!key) {
    return complain("the key of the audit trail: " + key.error().message, cannot_tell);
  }
  const auto verdict = adapters::verify_audit(files, *key);
  if (!verdict) {
    return complain(verdict.error().message, cannot_tell);
  }
  if (!verdict->flaw.empty()) {
    return complain("audit trail: " + verdict->flaw, EXIT_FAILURE);
  }
  std::cout << "audit trail ok: " << verdict->records << " records; the last is "
            << verdict->last.sequence << ", with the hash " << verdict->last.hash << '\n';
  return EXIT_SUCCESS;
}

}  // namespace stayler::app
