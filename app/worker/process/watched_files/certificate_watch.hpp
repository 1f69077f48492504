// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_watch/file_changes.hpp"
#include "http/server/tls/server_tls.hpp"
#include "messages/base/time.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

namespace stayler::app {

/// Has the API show a new certificate a few seconds after its files have changed, from a thread of
/// its own. What cannot be used is complained of once, and the old one stays. One that is about to
/// expire makes a line of the log each day.
class certificate_watch {
 public:
  /// `changes` watches the files since before they were read for the first time. `report` is told
  /// again and again when the certificate in force expires.
  certificate_watch(
      std::string certificate,
      adapters::file_changes changes,
      std::shared_ptr<http::server_tls> tls,
      std::function<void(timestamp)> report
  );

 private:
  void run(const std::stop_token& stopped);
  void reload();
  void warn_of_expiry(timestamp now);

  std::string certificate_;  ///< its file, for the log
  adapters::file_changes changes_;
  std::shared_ptr<http::server_tls> tls_;
  std::function<void(timestamp)> report_;
  timestamp warned_{};
  std::jthread thread_;
};

}  // namespace stayler::app
