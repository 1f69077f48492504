// SPDX-License-Identifier: MIT
#include "actors/storage/record_io.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/log/log.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::service::log;

/// A value that the database does not take may be the caller's, and then the caller is told so: but
/// the words of the database, which name tables and rules, are for the log.
void_result in_plain_words(void_result written, const std::string& what) {
  if (written || written.error().kind != error_class::invalid_input) {
    return written;
  }
  const std::string reason = "the database does not take " + what + " as it is";
  log.info("a record was refused", {{"reason", written.error().message}});
  return failure{error_class::invalid_input, reason};
}

std::string describe_record(const conversion_update& update) {
  return "the record of conversion " + update.conversion_id;
}

}  // namespace

caf::result<conversion_update> record_io_state::fetch(const std::string& conversion_id) {
  auto found = options_.store->find_conversion(conversion_id);
  if (!found) {
    return to_error(found.error());
  }
  return std::move(found->last);
}

void record_io_state::record_all(const std::vector<conversion_update>& updates) {
  auto written = options_.store->record_all(updates);
  for (std::size_t i = 0; i < updates.size(); ++i) {
    static_cast<void>(in_plain_words(std::move(written[i]), describe_record(updates[i])));
  }
}

record_io_actor::behavior_type record_io_state::make_behavior(record_io_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  return {
      [this](record_atom, const conversion_update& update) {
        return to_caf_result(in_plain_words(options_.store->record(update), describe_record(update))
        );
      },
      [this](record_atom, const image_record& image) {
        return to_caf_result(
            in_plain_words(options_.store->put_image(image), "the record of image " + image.id)
        );
      },
      [this](record_atom, const user_spending& entry) {
        return to_caf_result(options_.store->add_spending(entry));
      },
      [this](spending_atom, const std::string& day) {
        return to_caf_result(options_.store->spending_of(day));
      },
      [this](record_atom, const found_limit& limit) {
        return to_caf_result(options_.store->keep_limit(limit));
      },
      [this](limits_atom) { return to_caf_result(options_.store->limits()); },
      handle<fetch_atom>(*this, &record_io_state::fetch),
      handle<record_atom>(*this, &record_io_state::record_all),
      [this](find_atom, const ownership_query& asked) {
        return to_caf_result(options_.store->find_owners(asked));
      },
      [this](find_atom, const std::string& id) {
        return to_caf_result(options_.store->find_image(id));
      },
      [this](remove_atom, const std::string& id) {
        return to_caf_result(options_.store->remove_image(id));
      },
      [this](probe_atom) { return to_caf_result(options_.store->probe()); },
      // Everything is written before it is answered, and messages are taken in order.
      [](flush_atom) { return unit_value{}; },
  };
}

record_io_actor::behavior_type record_io(record_io_state::pointer self, record_io_options options) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
