// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes/fake_records.hpp"

#include "actors/support/reply_promise.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace stayler::test {

using actors::to_error;

namespace {

std::optional<std::string> owner_of_conversion(const std::string& id) {
  const auto end = id.find("-s-");
  return end == std::string::npos ? std::nullopt : std::optional{id.substr(0, end)};
}

caf::result<ownership_report> find_owners(const fake_rows& images, const ownership_query& asked) {
  ownership_report found;
  for (const std::string& id : asked.images) {
    found.images.push_back(images.owner_of(id));
  }
  for (const std::string& id : asked.conversions) {
    found.conversions.push_back(owner_of_conversion(id));
  }
  if (std::ranges::count(asked.images, "unknowable") > 0
      || std::ranges::count(asked.conversions, "unknowable") > 0) {
    return to_error({error_class::unavailable, "the database is away"});
  }
  return found;
}

}  // namespace

record_io_actor::behavior_type fake_records(const std::shared_ptr<fake_rows>& images) {
  return {
      [](record_atom, const conversion_update&) { return unit_value{}; },
      [](record_atom, const std::vector<conversion_update>&) {},
      [images](find_atom, const ownership_query& asked) { return find_owners(*images, asked); },
      [](fetch_atom, const std::string&) -> caf::result<conversion_update> {
        return to_error({error_class::not_found, "no conversion"});
      },
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
