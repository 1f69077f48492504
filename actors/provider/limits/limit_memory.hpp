// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/limits/provider_limits_impl.hpp"
#include "messages/provider/found_limit.hpp"
#include "policies/provider/limits/kept_limits.hpp"

#include <functional>
#include <vector>

namespace stayler::actors {

/// Keeps what has been found of the provider's limits in the records, for the time after a restart.
class limit_memory {
 public:
  explicit limit_memory(provider_limits_impl::pointer self) : self_(self) {}

  /// Passes on what was kept before; nothing where there are no records (null), or where they are
  /// away.
  void load(
      record_io_actor records, const std::function<void(const std::vector<found_limit>&)>& begin
  );

  /// A call has been sent, or has ended: in ten seconds `limits_atom` reminds the actor to keep
  /// what it has found.
  void remind();

  /// Writes down what is worth it.
  void keep(const std::vector<found_limit>& found);

 private:
  provider_limits_impl::pointer self_;
  record_io_actor records_;
  policies::kept_limits kept_;
  bool is_reminded_ = false;
};

}  // namespace stayler::actors
