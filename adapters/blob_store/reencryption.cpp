// SPDX-License-Identifier: MIT
#include "adapters/blob_store/reencryption.hpp"

#include "adapters/encryption/encrypted_bytes.hpp"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

class reencryption {
 public:
  reencryption(
      blob_store& store,
      const encryption_keys& keys,
      current_blobs of_current,
      const std::function<void(const failure&)>& on_failure
  )
      : store_(store), keys_(keys), of_current_(of_current), on_failure_(on_failure) {}

  result<reencryption_report> run() {
    void_result outcome = ok();
    auto visited = store_.visit([&](const std::string& key) {
      outcome = look_at(key);
      return outcome.has_value();
    });
    if (!visited || !outcome) {
      return visited ? std::move(outcome).error() : std::move(visited).error();
    }
    return report_;
  }

 private:
  void_result look_at(const std::string& key) {
    ++report_.seen;
    const auto begin = store_.get_part(key, 0, encryption_header_size);
    if (!begin) {
      return pass_over(begin.error());
    }
    const auto header = read_encryption_header(*begin->bytes);
    const bool is_current = header && header->key_id() == keys_.current().id;
    return is_current && of_current_ == current_blobs::passed_over ? ok() : read_whole(key);
  }

  void_result read_whole(const std::string& key) {
    const auto stored = store_.get_part(key, 0, std::numeric_limits<std::uint64_t>::max());
    if (!stored) {
      return pass_over(stored.error());
    }
    const bool is_plain = keys_.take_plain() && !read_encryption_header(*stored->bytes);
    auto plain = is_plain ? result<std::vector<std::byte>>{*stored->bytes}
                          : decrypt(keys_, key, *stored->bytes);
    if (!plain) {
      ++report_.failed;
      on_failure_(plain.error());
      return ok();
    }
    const auto header = read_encryption_header(*stored->bytes);
    if (header && header->key_id() == keys_.current().id) {
      return ok();
    }
    auto encrypted = encrypt(keys_, key, *plain);
    if (!encrypted) {
      return std::move(encrypted).error();
    }
    const auto replaced = store_.replace(
        key, std::make_shared<const std::vector<std::byte>>(std::move(*encrypted)), stored->version
    );
    if (!replaced) {
      return replaced.error();
    }
    ++(*replaced ? report_.encrypted : report_.gone);
    return ok();
  }

  /// What is no longer there needs nothing; all else is the store's failure.
  void_result pass_over(const failure& why) {
    if (why.kind != error_class::not_found) {
      return why;
    }
    ++report_.gone;
    return ok();
  }

  blob_store& store_;
  const encryption_keys& keys_;
  current_blobs of_current_;
  const std::function<void(const failure&)>& on_failure_;
  reencryption_report report_;
};

}  // namespace

result<reencryption_report> reencrypt(
    blob_store& store,
    const encryption_keys& keys,
    current_blobs of_current,
    const std::function<void(const failure& why)>& on_failure
) {
  return reencryption{store, keys, of_current, on_failure}.run();
}

}  // namespace stayler::adapters
