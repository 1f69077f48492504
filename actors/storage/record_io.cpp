// SPDX-License-Identifier: MIT
#include "actors/storage/record_io.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/reply_promise.hpp"

namespace stayler::actors {

record_io_actor::behavior_type record_io(
    record_io_actor::stateful_pointer<record_io_state> self, record_io_options options
) {
  install_supervision(self);
  const auto store = std::move(options.store);
  return {
      [store](record_atom, const conversion_update& update) {
        return to_caf_result(store->record(update));
      },
      [store](record_atom, const image_record& image) {
        return to_caf_result(store->put_image(image));
      },
      [store](record_atom, const user_spending& entry) {
        return to_caf_result(store->add_spending(entry));
      },
      [store](spending_atom, const std::string& day) {
        return to_caf_result(store->spending_of(day));
      },
      [store](fetch_atom, const std::string& conversion_id) -> caf::result<conversion_update> {
        const auto found = store->find_conversion(conversion_id);
        return found ? caf::result<conversion_update>{found->last} : to_error(found.error());
      },
      [store](find_atom, const std::string& id) { return to_caf_result(store->find_image(id)); },
      [store](remove_atom, const std::string& id) {
        return to_caf_result(store->remove_image(id));
      },
      [store](probe_atom) { return to_caf_result(store->probe()); },
      // Everything is written before it is answered, and messages are taken in order.
      [](flush_atom) { return unit_value{}; },
  };
}

}  // namespace stayler::actors
