// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/base/time.hpp"

#include <string>

struct ssl_ctx_st;

namespace stayler::adapters {

/// A certificate and its key in PEM files, and the options that name them.
struct key_pair_files {
  std::string certificate_option;
  std::string certificate;  ///< may hold intermediate certificates after its own
  std::string key_option;
  std::string key;  ///< without a passphrase: nobody is there to be asked for one
};

/// Has the TLS context show that certificate. Errors name the option and the file: invalid_input
/// (not PEM, too weak, or key and certificate do not belong together), unavailable (cannot be
/// read). A certificate that is out of date is none.
void_result use_key_pair(ssl_ctx_st* context, const key_pair_files& files);

/// When the first of the certificates expires that the context shows.
timestamp earliest_expiry(ssl_ctx_st* context);

/// Nothing, or an error that says why the file of that option cannot be read.
void_result check_readable(const std::string& option, const std::string& file);

}  // namespace stayler::adapters
