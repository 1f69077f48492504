// SPDX-License-Identifier: MIT
#pragma once

// The kinds of image stores that STORAGE_URL can name. A new one is one row in the .cpp, beside the
// store itself and its options.

#include "adapters/blob_store/blob_store.hpp"
#include "messages/service/settings.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// A kind of image store.
struct blob_store_scheme {
  std::string_view prefix;  ///< what its URLs begin with: "s3://"
  std::string_view form;    ///< of its URLs, for humans
  /// What is wrong with a URL, or ""; repeats nothing of it.
  std::string (*flaw_of)(std::string_view url);
  /// Variables that must be set beside STORAGE_URL.
  std::span<const std::string_view> (*needs)(const settings& config);
  /// What is wrong with the files and the environment that these options name; calls nobody.
  void_result (*check)(const settings& config);

  /// The store that storage_url and these options describe; makes no call to it. invalid_input
  /// where the URL is not valid.
  result<std::unique_ptr<blob_store>> (*open)(const settings& config);
};

/// All kinds.
std::span<const blob_store_scheme> blob_store_schemes() noexcept;

/// The kind whose prefix the URL has, or null.
const blob_store_scheme* find_blob_store_scheme(std::string_view url);

/// Whether some kind accepts the URL.
bool is_blob_store_url(std::string_view url);

/// What is wrong with a URL of a known kind; "" for others.
std::string blob_store_url_flaw(std::string_view url);

/// The forms of all kinds, for humans.
std::string_view blob_store_url_forms();

}  // namespace stayler::adapters
