// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace stayler::test {

/// The rows of images that the fake library stores and the fake records know. From any thread.
class fake_rows {
 public:
  void put(const image_record& row) {
    const std::lock_guard lock{mutex_};
    rows_[row.id] = row;
  }
  void remove(const std::string& id) {
    const std::lock_guard lock{mutex_};
    rows_.erase(id);
  }
  [[nodiscard]] std::vector<image_record> of_user(const std::string& user, const std::string& after)
      const {
    const std::lock_guard lock{mutex_};
    std::vector<image_record> found;
    for (const auto& [id, row] : rows_) {
      if (row.user_id == user && id > after) {
        found.push_back(row);
        found.back().blob_key = id;
      }
    }
    return found;
  }
  [[nodiscard]] std::optional<image_owner> owner_of(const std::string& id) const {
    const std::lock_guard lock{mutex_};
    const auto found = rows_.find(id);
    return found == rows_.end()
               ? std::nullopt
               : std::optional{image_owner{found->second.user_id, found->second.type}};
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, image_record> rows_;
};

/// Records that know whose conversions are: "ann-s-coat" is ann's. A question about "unknowable"
/// fails.
record_io_actor::behavior_type fake_records(const std::shared_ptr<fake_rows>& images);

}  // namespace stayler::test
