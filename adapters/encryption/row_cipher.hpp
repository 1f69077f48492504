// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/encryption_keys.hpp"
#include "messages/base/result.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The key of a store's pseudonyms. It is made once, and kept in the store under the current
/// encryption key: pseudonyms stay the same when that one is changed.
using pseudonym_key = std::array<std::byte, 64>;

/// Encrypts what stores keep in rows: the row's content, and the ids by which it is found.
///
/// A *content* is encrypted with the current key and a random nonce (XAES-256-GCM), for one place:
/// bytes that were changed, or moved to another place, are found out. A *pseudonym* stands for an
/// id where rows are looked for by it: it is the same for the same id of the same kind
/// (AES-256-SIV), and tells the id to who has the keys.
///
///   content: a mark, the length of the key's id and that id, the nonce (24), the encrypted bytes
///   and their tag (16). Key id and place are authenticated with it.
///
/// From any thread. Where the library is out of memory, or the system out of random bytes, a call
/// throws, as `new` does.
///
/// Sources: C2SP XAES-256-GCM; SIV, RFC 5297; HKDF, RFC 5869.
class row_cipher {
 public:
  /// Without keys: all is kept, and read, as it is.
  row_cipher() = default;
  /// `keys` must be set. What is not encrypted is not taken, whatever they say.
  row_cipher(const encryption_keys& keys, const pseudonym_key& pseudonyms);
  /// For contents alone: of pseudonyms there must be no question. Takes what is not encrypted where
  /// the keys do. Without keys: not set.
  static row_cipher for_contents(const encryption_keys& keys);

  [[nodiscard]] bool is_set() const noexcept { return !current_.empty(); }

  [[nodiscard]] std::string encrypt(std::string_view place, std::string_view content) const;

  /// internal_bug where this is not what was encrypted for that place; unavailable where its key is
  /// not among the keys.
  [[nodiscard]] result<std::string> decrypt(std::string_view place, std::string_view stored) const;

  /// Of an empty id: an empty one. In base64.
  [[nodiscard]] std::string pseudonym(std::string_view kind, std::string_view id) const;

  /// internal_bug where this is no pseudonym of that kind.
  [[nodiscard]] result<std::string> id_of(std::string_view kind, std::string_view pseudonym) const;

  /// Whether that content is encrypted with the current key.
  [[nodiscard]] bool is_current(std::string_view stored) const noexcept;

 private:
  struct siv_context;
  using row_key = std::array<std::byte, 32>;

  void add_keys(const encryption_keys& keys);

  std::string current_;  ///< id
  bool takes_plain_ = false;
  std::map<std::string, row_key, std::less<>> keys_;  ///< by id, for contents
  std::shared_ptr<const siv_context> pseudonyms_;
};

/// Whether bytes begin as an encrypted content does.
bool is_encrypted_content(std::string_view stored) noexcept;

/// A new key for a store's pseudonyms. internal_bug where the system has no random bytes.
result<pseudonym_key> make_pseudonym_key();

/// That key as a store keeps it, under the current encryption key. Throws as row_cipher does.
std::string wrap_pseudonym_key(const encryption_keys& keys, const pseudonym_key& key);

/// The key that a store has kept. Errors as of row_cipher::decrypt().
result<pseudonym_key> unwrap_pseudonym_key(const encryption_keys& keys, std::string_view kept);

}  // namespace stayler::adapters
