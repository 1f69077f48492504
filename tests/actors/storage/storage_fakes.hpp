// SPDX-License-Identifier: MIT
#pragma once

// Stores in memory whose every call can be made to fail.

#include "adapters/blob_store/blob_store.hpp"
#include "adapters/record_store/record_store.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

inline shared_bytes bytes_of(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return std::make_shared<const std::vector<std::byte>>(first, first + text.size());
}

inline std::string text_of(const shared_bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

/// Fails the calls that were foretold, by call name, or by call name and key.
class call_log {
 public:
  /// All calls so far, in order: "put images/1.jpg".
  std::vector<std::string> calls;

  void fail(const std::string& call, error_class kind = error_class::unavailable) {
    faults_[call] = {kind, call + " was made to fail"};
  }

 protected:
  failure note(const std::string& name, const std::string& key) {
    calls.push_back(name + " " + key);
    const auto exact = faults_.find(calls.back());
    const auto any = faults_.find(name);
    return exact != faults_.end() ? exact->second : any != faults_.end() ? any->second : failure{};
  }

 private:
  std::map<std::string, failure> faults_;
};

class fake_blob_store final : public adapters::blob_store, public call_log {
 public:
  std::map<std::string, shared_bytes> blobs;

  void_result put(const std::string& key, const shared_bytes& bytes) override {
    if (auto fault = note("put", key)) {
      return fault;
    }
    blobs[key] = bytes;
    return ok();
  }

  result<shared_bytes> get(const std::string& key) override {
    if (auto fault = note("get", key)) {
      return fault;
    }
    const auto found = blobs.find(key);
    if (found == blobs.end()) {
      return failure{error_class::not_found, "no blob " + key};
    }
    return found->second;
  }

  result<blob_part> get_part(const std::string& key, std::uint64_t offset, std::uint64_t count)
      override {
    if (auto fault = note("get_part", key)) {
      return fault;
    }
    const auto found = blobs.find(key);
    if (found == blobs.end()) {
      return failure{error_class::not_found, "no blob " + key};
    }
    const std::uint64_t size = found->second->size();
    const auto from = std::min(offset, size);
    const auto* first = found->second->data() + from;
    return blob_part{
        std::make_shared<const std::vector<std::byte>>(first, first + std::min(count, size - from)),
        size, "v1"};
  }

  result<bool> replace(
      const std::string& key, const shared_bytes& bytes, const std::string& /*version*/
  ) override {
    if (auto fault = note("replace", key)) {
      return fault;
    }
    const auto found = blobs.find(key);
    if (found != blobs.end()) {
      found->second = bytes;
    }
    return found != blobs.end();
  }

  void_result visit(const std::function<bool(const std::string& key)>& each) override {
    for (const auto& [key, bytes] : blobs) {
      if (!each(key)) {
        break;
      }
    }
    return ok();
  }

  void_result remove(const std::string& key) override {
    if (auto fault = note("remove", key)) {
      return fault;
    }
    blobs.erase(key);
    return ok();
  }

  void_result probe() override {
    if (auto fault = note("probe", "")) {
      return fault;
    }
    return ok();
  }
};

class fake_record_store final : public adapters::record_store, public call_log {
 public:
  std::map<std::string, image_record> images;
  std::map<std::string, conversion_update> conversions;
  std::vector<user_spending> spent;
  std::vector<found_limit> kept_limits;

  void_result record(const conversion_update& update) override {
    if (auto fault = note("record", update.conversion_id)) {
      return fault;
    }
    conversions[update.conversion_id] = update;
    return ok();
  }

  std::vector<void_result> record_all(std::span<const conversion_update> updates) override {
    std::vector<void_result> written;
    for (const conversion_update& each : updates) {
      written.push_back(record(each));
    }
    return written;
  }

  result<ownership_report> find_owners(const ownership_query& asked) override {
    if (auto fault = note("find_owners", "")) {
      return fault;
    }
    ownership_report found;
    for (const std::string& id : asked.images) {
      const auto image = images.find(id);
      found.images.push_back(
          image == images.end()
              ? std::nullopt
              : std::optional{image_owner{image->second.user_id, image->second.type}}
      );
    }
    for (const std::string& id : asked.conversions) {
      const auto known = conversions.find(id);
      found.conversions.push_back(
          known == conversions.end() ? std::nullopt : std::optional{known->second.user_id}
      );
    }
    return found;
  }

  result<adapters::conversion_record> find_conversion(const std::string& id) override {
    const auto found = conversions.find(id);
    if (found == conversions.end()) {
      return failure{error_class::not_found, "no conversion " + id};
    }
    return adapters::conversion_record{found->second, {}, {}, {}};
  }

  void_result add_spending(const user_spending& entry) override {
    if (auto fault = note("add_spending", entry.user_id)) {
      return fault;
    }
    spent.push_back(entry);
    return ok();
  }

  result<std::vector<user_spending>> spending_of(const std::string& day) override {
    if (auto fault = note("spending_of", day)) {
      return fault;
    }
    return spent;
  }

  void_result keep_limit(const found_limit& limit) override {
    if (auto fault = note("keep_limit", limit.name)) {
      return fault;
    }
    std::erase_if(kept_limits, [&](const found_limit& each) { return each.name == limit.name; });
    kept_limits.push_back(limit);
    return ok();
  }

  result<std::vector<found_limit>> limits() override {
    if (auto fault = note("limits", "")) {
      return fault;
    }
    return kept_limits;
  }

  void_result put_image(const image_record& image) override {
    if (auto fault = note("put_image", image.id)) {
      return fault;
    }
    images[image.id] = image;
    return ok();
  }

  result<std::vector<image_record>> images_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) override {
    if (auto fault = note("images_of", user_id)) {
      return fault;
    }
    std::vector<image_record> found;
    for (const auto& [id, image] : images) {
      if (image.user_id == user_id && id > after && found.size() < limit) {
        found.push_back(image);
      }
    }
    return found;
  }

  result<std::vector<conversion_update>> conversions_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) override {
    std::vector<conversion_update> found;
    for (const auto& [id, conversion] : conversions) {
      if (conversion.user_id == user_id && id > after && found.size() < limit) {
        found.push_back(conversion);
      }
    }
    return found;
  }

  result<std::uint64_t> erase_conversions_of(const std::string& user_id, std::uint32_t /*limit*/)
      override {
    if (auto fault = note("erase_conversions_of", user_id)) {
      return fault;
    }
    return std::uint64_t{std::erase_if(conversions, [&](const auto& each) {
      return each.second.user_id == user_id;
    })};
  }

  result<std::uint64_t> erase_spending_of(const std::string& user_id) override {
    return std::uint64_t{
        std::erase_if(spent, [&](const user_spending& each) { return each.user_id == user_id; })};
  }

  result<std::vector<image_record>> images_before(
      const std::string& type, timestamp before, std::uint32_t limit
  ) override {
    std::vector<image_record> found;
    for (const auto& [id, image] : images) {
      if (image.type == type && image.created_at < before && found.size() < limit) {
        found.push_back(image);
      }
    }
    return found;
  }

  result<std::uint64_t> erase_conversions_before(timestamp before, std::uint32_t /*limit*/)
      override {
    return std::uint64_t{std::erase_if(conversions, [&](const auto& each) {
      return is_final(each.second.status) && each.second.at < before;
    })};
  }

  std::map<uuid, erasure> erasures;

  void_result save_erasure(const erasure& changed) override {
    if (auto fault = note("save_erasure", changed.user_id)) {
      return fault;
    }
    erasures[changed.id] = changed;
    return ok();
  }

  result<erasure> find_erasure(const uuid& id) override {
    const auto found = erasures.find(id);
    return found == erasures.end()
               ? result<erasure>{failure{error_class::not_found, "no such erasure"}}
               : found->second;
  }

  result<std::vector<erasure>> open_erasures() override {
    std::vector<erasure> found;
    for (const auto& [id, each] : erasures) {
      if (!each.is_done()) {
        found.push_back(each);
      }
    }
    return found;
  }

  result<image_record> find_image(const std::string& id) override {
    if (auto fault = note("find_image", id)) {
      return fault;
    }
    const auto found = images.find(id);
    if (found == images.end()) {
      return failure{error_class::not_found, "no image " + id};
    }
    return found->second;
  }

  result<image_record> remove_image(const std::string& id) override {
    if (auto fault = note("remove_image", id)) {
      return fault;
    }
    auto row = find_image(id);
    images.erase(id);
    return row;
  }

  void_result probe() override {
    if (auto fault = note("probe", "")) {
      return fault;
    }
    return ok();
  }
};

}  // namespace stayler::test
