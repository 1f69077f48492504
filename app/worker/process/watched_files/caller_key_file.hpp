// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/audit/audit_trail.hpp"
#include "adapters/file_watch/file_watch.hpp"
#include "http/api/access/authorizer.hpp"

#include <memory>
#include <string>

namespace stayler::app {

/// The file of WORKER_API_KEYS_FILE while the service runs: when it has changed, and when asked to,
/// it is read again, and the keys in it count from then on. Log and audit trail name the keys that
/// came and went. A file that cannot be read, is malformed or has no keys leaves those that are,
/// and is an error in the log.
class caller_key_file {
 public:
  caller_key_file(
      std::string file,
      std::shared_ptr<http::authorizer> keys,
      std::shared_ptr<adapters::audit_trail> audit
  );

  /// Reads it soon. From any thread.
  void reload() { watch_.trigger(); }

 private:
  void read();

  std::string file_;
  std::shared_ptr<http::authorizer> keys_;
  std::shared_ptr<adapters::audit_trail> audit_;
  adapters::file_watch watch_;  ///< the last: its thread needs the others
};

}  // namespace stayler::app
