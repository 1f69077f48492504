// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes/fake_user_data.hpp"

#include "actors/support/failure.hpp"
#include "adapters/user_tags/user_tags.hpp"
#include "tests/integration/http/api/fakes/fake_failures.hpp"

#include <map>

namespace stayler::test {

namespace {

using actors::to_error;

struct fake_user_data_state {
  std::map<uuid, erasure> begun;
};

using user_data_pointer = user_data_actor::stateful_pointer<fake_user_data_state>;

caf::result<erasure> begin_fake(user_data_pointer self, const std::string& user) {
  if (user == "cut-off") {
    return to_error({error_class::unavailable, "PostgreSQL at 10.0.0.1 is away"});
  }
  erasure made;
  made.id.bytes[15] = static_cast<std::uint8_t>(self->state.begun.size() + 1);
  made.user_id = user;
  made.user_tag = adapters::user_tags{""}.of(user);
  made.erased.jobs = 3;
  self->state.begun[made.id] = made;
  return made;
}

caf::result<user_records> list_fake(const fake_rows& rows, const user_records_query& query) {
  user_records found;
  if (query.what == user_records_query::kind::conversions) {
    conversion_update one;
    one.conversion_id = "conversion-of-" + query.user_id;
    one.user_id = query.user_id;
    if (query.after.empty()) {
      found.conversions.push_back(one);
    }
  } else if (query.user_id == "cut-off") {
    return to_error({error_class::unavailable, "PostgreSQL at 10.0.0.1 is away"});
  } else {
    found.images = rows.of_user(query.user_id, query.after);
    if (query.user_id == "half-gone" && query.after.empty()) {
      image_record gone;
      gone.id = gone.blob_key = "zz-gone";
      gone.mime_type = "image/png";
      found.images.push_back(gone);
    }
  }
  return found;
}

user_data_actor::behavior_type fake_user_data(
    user_data_pointer self, const std::shared_ptr<fake_rows>& rows
) {
  return {
      [self](erase_atom, const std::string& user) { return begin_fake(self, user); },
      [self](find_atom, const uuid& id) -> caf::result<erasure> {
        const auto found = self->state.begun.find(id);
        if (found == self->state.begun.end()) {
          return to_error(no_such("erasure"));
        }
        return found->second;
      },
      [rows](list_atom, const user_records_query& query) { return list_fake(*rows, query); },
      [](settings_atom, const settings&) {},
  };
}

}  // namespace

user_data_actor spawn_fake_user_data(
    caf::actor_system& system, const std::shared_ptr<fake_rows>& rows
) {
  return system.spawn(fake_user_data, rows);
}

}  // namespace stayler::test
