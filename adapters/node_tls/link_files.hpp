// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/file_watch/file_changes.hpp"
#include "adapters/node_tls/node_credentials.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace stayler::adapters {

/// The context of one end of a relay's connections, made again when one of its files has changed.
/// Used on the relay's thread.
class link_files {
 public:
  using context_ptr = std::shared_ptr<boost::asio::ssl::context>;

  /// invalid_input, unavailable.
  static result<link_files> open(const node_credentials& files, link_end end);

  /// For a new connection.
  [[nodiscard]] const context_ptr& current() const noexcept { return current_; }

  /// Reads the files again where they have changed and come to rest; true where there is another
  /// context now. Files that do not fit change nothing, and are complained about once.
  bool refresh();

 private:
  link_files(const node_credentials& files, link_end end)
      : files_(files),
        end_(end),
        changes_({files.certificate, files.key, files.authority, files.revoked}) {}

  node_credentials files_;
  link_end end_;
  file_changes changes_;
  context_ptr current_;
};

}  // namespace stayler::adapters
