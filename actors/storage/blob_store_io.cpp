// SPDX-License-Identifier: MIT
#include "actors/storage/blob_store_io.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/reply_promise.hpp"

#include <utility>

namespace stayler::actors {

blob_store_actor::behavior_type blob_store_state::make_behavior(blob_store_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  return {
      [this](store_atom, const std::string& key, const shared_bytes& bytes) {
        return to_caf_result(options_.store->put(key, bytes));
      },
      [this](fetch_atom, const std::string& key) {
        return to_caf_result(options_.store->get(key));
      },
      [this](fetch_atom, const std::string& key, std::uint64_t offset, std::uint64_t count) {
        return to_caf_result(options_.store->get_part(key, offset, count));
      },
      [this](remove_atom, const std::string& key) {
        return to_caf_result(options_.store->remove(key));
      },
      [this](probe_atom) { return to_caf_result(options_.store->probe()); },
  };
}

blob_store_actor::behavior_type blob_store(
    blob_store_state::pointer self, blob_store_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
