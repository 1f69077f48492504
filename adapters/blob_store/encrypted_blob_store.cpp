// SPDX-License-Identifier: MIT
#include "adapters/blob_store/encrypted_blob_store.hpp"

#include "adapters/encryption/encrypted_bytes.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::images::log;

/// The headers of blobs that are being read part by part, so that each part is one call of the
/// store behind. From any thread.
class header_cache {
 public:
  struct entry {
    std::string version;
    encryption_header header;
  };

  std::optional<entry> find(const std::string& key) {
    const std::scoped_lock lock{mutex_};
    const auto found = entries_.find(key);
    return found == entries_.end() ? std::nullopt : std::optional{found->second.first};
  }

  void keep(const std::string& key, entry seen) {
    const std::scoped_lock lock{mutex_};
    if (const auto known = entries_.find(key); known != entries_.end()) {
      known->second.first = std::move(seen);
      return;
    }
    if (order_.size() == most_entries) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(key);
    entries_.emplace(key, std::pair{std::move(seen), std::prev(order_.end())});
  }

  void forget(const std::string& key) {
    const std::scoped_lock lock{mutex_};
    if (const auto known = entries_.find(key); known != entries_.end()) {
      order_.erase(known->second.second);
      entries_.erase(known);
    }
  }

 private:
  static constexpr std::size_t most_entries = 1'024;

  std::mutex mutex_;
  std::list<std::string> order_;  ///< the oldest first
  std::map<std::string, std::pair<entry, std::list<std::string>::iterator>> entries_;
};

class encrypted_blob_store final : public blob_store {
 public:
  encrypted_blob_store(std::unique_ptr<blob_store> inner, encryption_keys keys)
      : inner_(std::move(inner)), keys_(std::move(keys)) {}

  void_result put(const std::string& key, const shared_bytes& bytes) override {
    auto encrypted = stored_form(key, bytes);
    if (!encrypted) {
      return std::move(encrypted).error();
    }
    headers_.forget(key);
    return inner_->put(key, *encrypted);
  }

  result<shared_bytes> get(const std::string& key) override {
    auto stored = inner_->get(key);
    if (!stored) {
      return stored;
    }
    if (!read_encryption_header(**stored) && keys_.take_plain()) {
      return stored;
    }
    return checked(shared(decrypt(keys_, key, **stored)));
  }

  result<blob_part> get_part(const std::string& key, std::uint64_t offset, std::uint64_t count)
      override {
    if (!keys_.are_set()) {
      auto part = inner_->get_part(key, offset, count);
      return offset == 0 ? refuse_encrypted(key, std::move(part)) : std::move(part);
    }
    // A header that is known may be of a blob that has been replaced since.
    for (int tries = 0; tries < 2; ++tries) {
      auto seen = find_header(key);
      if (!seen) {
        return std::move(seen).error();
      }
      if (!*seen) {
        return inner_->get_part(key, offset, count);
      }
      auto part = read_part(key, **seen, offset, count);
      if (!part) {
        headers_.forget(key);
        return std::move(part).error();
      }
      if (*part) {
        return *std::move(*part);
      }
      headers_.forget(key);
    }
    return failure{error_class::unavailable, "the blob " + key + " is being replaced"};
  }

  result<bool> replace(
      const std::string& key, const shared_bytes& bytes, const std::string& version
  ) override {
    auto encrypted = stored_form(key, bytes);
    if (!encrypted) {
      return std::move(encrypted).error();
    }
    headers_.forget(key);
    return inner_->replace(key, *encrypted, version);
  }

  void_result visit(const std::function<bool(const std::string& key)>& each) override {
    return inner_->visit(each);
  }

  void_result remove(const std::string& key) override {
    headers_.forget(key);
    return inner_->remove(key);
  }

  void_result probe() override { return inner_->probe(); }

 private:
  using seen_header = std::optional<header_cache::entry>;

  static result<shared_bytes> shared(result<std::vector<std::byte>> bytes) {
    return bytes ? result<shared_bytes>{std::make_shared<const std::vector<std::byte>>(
               std::move(*bytes)
           )}
                 : std::move(bytes).error();
  }

  /// As the store behind is to keep it.
  result<shared_bytes> stored_form(const std::string& key, const shared_bytes& plain) {
    const bool is_kept_plain = plain == nullptr || !keys_.are_set();
    return is_kept_plain ? result<shared_bytes>{plain} : shared(encrypt(keys_, key, *plain));
  }

  /// Without keys no more than a look at what is read anyway: what begins as encrypted bytes do is
  /// no picture, and must not be given out as one.
  static result<blob_part> refuse_encrypted(const std::string& key, result<blob_part> part) {
    return part && begins_encrypted(*part->bytes) ? checked(result<blob_part>{key_is_missing(key)})
                                                  : std::move(part);
  }

  template <class T>
  static result<T> checked(result<T> read) {
    if (!read) {
      log.error("a stored blob cannot be read", {{"reason", read.error().message}});
    }
    return read;
  }

  /// Nothing for a blob that is not encrypted and may be read so.
  result<seen_header> find_header(const std::string& key) {
    if (auto known = headers_.find(key)) {
      return known;
    }
    auto begin = inner_->get_part(key, 0, encryption_header_size);
    if (!begin) {
      return std::move(begin).error();
    }
    const auto header = read_encryption_header(*begin->bytes);
    if (!header && keys_.take_plain()) {
      return seen_header{};
    }
    const bool is_whole = header && header->plain_size() <= begin->total_bytes
                          && encrypted_size(header->plain_size()) == begin->total_bytes;
    if (!is_whole) {
      return checked(result<seen_header>{not_authentic(key)});
    }
    header_cache::entry seen{begin->version, *header};
    headers_.keep(key, seen);
    return seen_header{std::move(seen)};
  }

  /// Nothing where the blob is another one than that of the header.
  result<std::optional<blob_part>> read_part(
      const std::string& key,
      const header_cache::entry& known,
      std::uint64_t offset,
      std::uint64_t count
  ) {
    const std::uint64_t size = known.header.plain_size();
    const auto where = pieces_of(size, offset, count);
    auto pieces = inner_->get_part(key, where.offset, where.count);
    if (!pieces) {
      return std::move(pieces).error();
    }
    if (pieces->version != known.version) {
      return std::optional<blob_part>{};
    }
    auto plain = shared(decrypt_part(keys_, key, known.header, *pieces->bytes, offset, count));
    if (!plain) {
      return checked(result<std::optional<blob_part>>{std::move(plain).error()});
    }
    return std::optional{blob_part{std::move(*plain), size, std::move(pieces->version)}};
  }

  std::unique_ptr<blob_store> inner_;
  encryption_keys keys_;
  header_cache headers_;
};

}  // namespace

std::unique_ptr<blob_store> make_encrypted_blob_store(
    std::unique_ptr<blob_store> inner, encryption_keys keys
) {
  return std::make_unique<encrypted_blob_store>(std::move(inner), std::move(keys));
}

}  // namespace stayler::adapters
