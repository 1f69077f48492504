// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fake_records.hpp"

#include "actors/support/reply_promise.hpp"

#include <string>
#include <vector>

namespace stayler::test {

using actors::to_error;

namespace {

caf::result<conversion_update> find_conversion(const std::string& id) {
  const auto end = id.find("-s-");
  if (id == "unknowable") {
    return to_error({error_class::unavailable, "the database is away"});
  }
  if (end == std::string::npos) {
    return to_error({error_class::not_found, "no conversion " + id});
  }
  conversion_update known;
  known.conversion_id = id;
  known.user_id = id.substr(0, end);
  return known;
}

}  // namespace

record_io_actor::behavior_type fake_records() {
  return {
      [](record_atom, const conversion_update&) { return unit_value{}; },
      [](fetch_atom, const std::string& id) { return find_conversion(id); },
      [](record_atom, const image_record&) { return unit_value{}; },
      [](find_atom, const std::string&) -> caf::result<image_record> {
        return to_error({error_class::not_found, "no image"});
      },
      [](remove_atom, const std::string&) -> caf::result<image_record> {
        return to_error({error_class::not_found, "no image"});
      },
      [](record_atom, const user_spending&) { return unit_value{}; },
      [](spending_atom, const std::string&) { return std::vector<user_spending>{}; },
      [](record_atom, const found_limit&) { return unit_value{}; },
      [](limits_atom) { return std::vector<found_limit>{}; },
      [](probe_atom) { return unit_value{}; },
      [](flush_atom) { return unit_value{}; },
  };
}

}  // namespace stayler::test
