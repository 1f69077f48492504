// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace stayler::http {

/// Whether a key still counts, for what goes on after its call was let in, as a stream of events
/// does. From any thread.
class key_validity {
 public:
  [[nodiscard]] bool is_revoked() const;

  /// `wake` is called when the key is revoked, on the thread that does so, unless the handle that
  /// is returned is gone by then. Not for a key that is revoked already: look after this.
  std::shared_ptr<void> on_revocation(std::function<void()> wake);

  void revoke();

 private:
  using callback = std::function<void()>;

  mutable std::mutex mutex_;
  bool is_revoked_ = false;
  std::vector<std::weak_ptr<callback>> waiting_;
};

}  // namespace stayler::http
