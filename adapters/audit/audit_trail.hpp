// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace stayler::adapters {

/// One call of the API that changed something, or was meant to.
struct audit_record {
  timestamp at;        ///< of the answer
  std::string who;     ///< the caller's address
  std::string key;     ///< the name of the caller's API key, or empty
  std::string action;  ///< method and route: "DELETE /worker/jobs/{id}"
  std::string target;  ///< the id that it was about, several with commas, or empty
  std::string request_id;
  unsigned status = 0;  ///< of the answer
};

/// Takes audit records, from any thread. It never blocks and never fails: what cannot be kept is an
/// error in the log.
class audit_trail {
 public:
  virtual ~audit_trail() = default;

  virtual void add(const audit_record& record) = 0;
};

/// Writes each record to the log, as a line of the subsystem audit.
std::unique_ptr<audit_trail> make_log_audit_trail();

/// Writes each record to the log and appends it to the file, as a JSON line by one write(), so that
/// several processes may share the file. A thread of its own writes, soon after add(); the
/// destructor waits until all is written. unavailable where the file cannot be opened.
result<std::unique_ptr<audit_trail>> open_file_audit_trail(const std::filesystem::path& file);

}  // namespace stayler::adapters
