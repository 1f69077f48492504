// SPDX-License-Identifier: MIT
#pragma once

// What every record store promises of one user's records, of those past their time, and of
// erasures.

#include "tests/integration/record_store/record_store_conformance.hpp"

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace stayler::adapters::conformance {

inline image_record picture_of(
    const std::string& user, const std::string& id, const std::string& type, timestamp created_at
) {
  image_record image;
  image.id = id;
  image.user_id = user;
  image.type = type;
  image.file_name = id + ".jpg";
  image.blob_key = "images/" + id;
  image.bytes = 7;
  image.mime_type = "image/jpeg";
  image.width = image.height = 1;
  image.checksum = "sum";
  image.created_at = created_at;
  return image;
}

/// One user's records are found by pages, and nobody else's; pictures by their age.
inline void check_users(const record_store_maker& maker) {
  const auto store = maker.open();
  for (const auto& [user, id, type, second] :
       {std::tuple{"ann", "a1", "user", 1},
        {"ann", "a2", "result", 2},
        {"ann", "a3", "user", 3},
        {"bob", "b1", "user", 2}}) {
    REQUIRE(store->put_image(picture_of(user, id, type, at(second))));
  }
  const auto ids = [](const result<std::vector<image_record>>& found) {
    REQUIRE(found);
    std::string all;
    for (const image_record& each : *found) {
      all += each.id + " ";
    }
    return all;
  };
  CHECK(ids(store->images_of("ann", "", 2)) == "a1 a2 ");
  CHECK(ids(store->images_of("ann", "a2", 2)) == "a3 ");
  CHECK(ids(store->images_of("nobody", "", 2)).empty());
  CHECK(store->images_of("ann", "", 1)->front() == picture_of("ann", "a1", "user", at(1)));
  CHECK(ids(store->images_before("user", at(3), 9)) == "a1 b1 ");
  CHECK(ids(store->images_before("user", at(3), 1)) == "a1 ");
  CHECK(ids(store->images_before("vendor", at(9), 9)).empty());

  for (const auto* id : {"c1", "c2", "c3"}) {
    auto update = update_of({1, 1, status::completed, "r"}, id);
    update.user_id = id == std::string_view{"c3"} ? "bob" : "ann";
    REQUIRE(store->record(update));
  }
  const auto first = store->conversions_of("ann", "", 1);
  REQUIRE(first);
  REQUIRE(first->size() == 1);
  CHECK(first->front().result_image_id == "r");
  CHECK(first->front().status == status::completed);
  // In an order of the store's own.
  const std::string first_id = first->front().conversion_id;
  CHECK((first_id == "c1" || first_id == "c2"));
  const auto second = store->conversions_of("ann", first_id, 9);
  REQUIRE(second);
  REQUIRE(second->size() == 1);
  const std::string second_id = second->front().conversion_id;
  CHECK(second_id == (first_id == "c1" ? "c2" : "c1"));
  CHECK(store->conversions_of("ann", second_id, 9)->empty());
  CHECK(store->erase_conversions_of("ann", 1).value() == 1);
  CHECK(store->erase_conversions_of("ann", 9).value() == 1);
  CHECK(store->erase_conversions_of("ann", 9).value() == 0);
  const auto left = store->conversions_of("ann", "", 9);
  REQUIRE(left);
  for (const auto& each : *left) {
    CHECK(each.result_image_id.empty());
    CHECK(each.error_message.empty());
  }
  CHECK(store->find_conversion("c3")->last.result_image_id == "r");

  REQUIRE(store->add_spending({"2026-01-01", "ann", {1, 2, 3, 4, 5}}));
  REQUIRE(store->add_spending({"2026-01-02", "ann", {1, 2, 3, 4, 5}}));
  REQUIRE(store->add_spending({"2026-01-02", "bob", {1, 2, 3, 4, 5}}));
  CHECK(store->erase_spending_of("ann").value() == 2);
  CHECK(store->spending_of("2026-01-01")->empty());
  CHECK(store->spending_of("2026-01-02")->size() == 1);
}

/// An erasure is kept as it was last said, and open until it has an end.
inline void check_erasures(const record_store_maker& maker) {
  erasure begun;
  begun.id.bytes[0] = 7;
  begun.user_id = "ann";
  begun.user_tag = "user-1";
  begun.requested_at = at(1);
  begun.updated_at = at(2);
  erasure other = begun;
  other.id.bytes[0] = 8;
  other.requested_at = at(3);
  REQUIRE(maker.open()->save_erasure(other));
  REQUIRE(maker.open()->save_erasure(begun));
  const auto store = maker.open();
  CHECK(store->find_erasure(begun.id).value() == begun);
  CHECK(store->find_erasure({}).error().kind == error_class::not_found);
  CHECK(store->open_erasures().value() == std::vector{begun, other});
  begun.user_id.clear();
  begun.erased = {1, 2, 3, 4, 5, 6};
  begun.error = "unavailable";
  begun.updated_at = begun.ended_at = at(4);
  REQUIRE(store->save_erasure(begun));
  CHECK(store->find_erasure(begun.id).value() == begun);
  CHECK(store->open_erasures().value() == std::vector{other});
}

}  // namespace stayler::adapters::conformance
