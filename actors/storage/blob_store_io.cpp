// SPDX-License-Identifier: MIT
#include "actors/storage/blob_store_io.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/reply_promise.hpp"

namespace stayler::actors {

blob_store_actor::behavior_type blob_store(
    blob_store_actor::stateful_pointer<blob_store_state> self, blob_store_options options
) {
  install_supervision(self);
  const auto store = std::move(options.store);
  return {
      [store](store_atom, const std::string& key, const shared_bytes& bytes) {
        return to_caf_result(store->put(key, bytes));
      },
      [store](fetch_atom, const std::string& key) { return to_caf_result(store->get(key)); },
      [store](remove_atom, const std::string& key) { return to_caf_result(store->remove(key)); },
      [store](probe_atom) { return to_caf_result(store->probe()); },
  };
}

}  // namespace stayler::actors
