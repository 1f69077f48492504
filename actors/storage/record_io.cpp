// SPDX-License-Identifier: MIT
#include "actors/storage/record_io.hpp"

#include "actors/support/reply_promise.hpp"
#include "actors/supervision/supervised.hpp"

namespace stayler::actors {

record_keeper_actor::behavior_type record_keeper(
    record_keeper_actor::stateful_pointer<record_keeper_state> self, record_keeper_options options
) {
  be_supervised(self);
  const auto store = std::move(options.store);
  return {
      [store](record_atom, const conversion_update& update) {
        return to_answer(store->record(update));
      },
      [store](record_atom, const image_record& image) {
        return to_answer(store->put_image(image));
      },
      [store](record_atom, const user_spending& entry) {
        return to_answer(store->add_spending(entry));
      },
      [store](spending_atom, const std::string& day) { return to_answer(store->spending_of(day)); },
      [store](fetch_atom, const std::string& conversion_id) -> caf::result<conversion_update> {
        const auto found = store->find_conversion(conversion_id);
        return found ? caf::result<conversion_update>{found->last} : to_error(found.error());
      },
      [store](find_atom, const std::string& id) { return to_answer(store->find_image(id)); },
      [store](remove_atom, const std::string& id) { return to_answer(store->remove_image(id)); },
      [store](probe_atom) { return to_answer(store->probe()); },
      // Everything is written before it is answered, and messages are taken in order.
      [](flush_atom) { return unit_value{}; },
  };
}

}  // namespace stayler::actors
