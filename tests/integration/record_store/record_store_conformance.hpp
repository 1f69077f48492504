// SPDX-License-Identifier: MIT
#pragma once

// The contract of record_store as promises that every store has to keep: one suite for all of them.
// Each check_... is the body of one test case.

#include "adapters/record_store/record_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters::conformance {

/// Opens the store of one test case, empty at first; each time on the same data.
struct record_store_maker {
  std::function<std::unique_ptr<record_store>()> open;
};

using status = job_status;

inline timestamp at(int second) {
  return timestamp{std::chrono::seconds{1'800'000'000 + second}};
}

/// Job ids that sort like their numbers; 0 is no job.
inline job_id job_number(std::uint8_t number) {
  job_id id;
  id.value.bytes[0] = number;
  return id;
}

/// One step: who says what.
struct step {
  std::uint8_t job = 0;
  std::uint64_t token = 0;
  status says = status::pending;
  std::string content;  ///< result image of a completed, message of a failed conversion
};

inline conversion_update update_of(const step& said, const std::string& id = "c1") {
  conversion_update update;
  update.conversion_id = id;
  update.user_id = "u1";
  update.user_image_id = "i1";
  update.cloth_image_id = "i2";
  update.status = said.says;
  update.attempt = {job_number(said.job), fencing_token{said.token}};
  (said.says == status::completed ? update.result_image_id : update.error_message) = said.content;
  update.at = at(1);
  return update;
}

struct rule {
  std::string name;
  std::vector<step> before;
  step then;
  error_class answer = error_class::none;
  bool is_written = true;  ///< the record changes to what the step says
};

inline const std::vector<step> begun{{1, 0, status::pending, ""}, {1, 1, status::processing, ""}};
inline const std::vector<step> done{
    {1, 1, status::processing, ""}, {1, 1, status::completed, "r1"}};
inline constexpr auto no_error = error_class::none;
inline constexpr auto conflict = error_class::conflict;

inline const std::vector<rule> rules{
    {"a new record", {}, {1, 0, status::pending, ""}, no_error},
    {"a new record in a final state", {}, {1, 3, status::failed, "e"}, no_error},
    {"the same attempt goes on", begun, {1, 1, status::completed, "r"}, no_error},
    {"a newer attempt takes over", begun, {1, 2, status::processing, ""}, no_error},
    {"an older attempt is late",
     {{1, 2, status::processing, ""}},
     {1, 1, status::completed, "r"},
     conflict,
     false},
    {"the queue's first word comes late", begun, {1, 0, status::pending, ""}, conflict, false},
    {"the queue cancels a running attempt", begun, {1, 0, status::cancelled, ""}, no_error},
    {"the queue gives up on a running attempt", begun, {1, 0, status::failed, "lost"}, no_error},
    {"an attempt after its cancellation",
     {{1, 1, status::processing, ""}, {1, 0, status::cancelled, ""}},
     {1, 1, status::completed, "r"},
     conflict,
     false},
    {"a repetition of the end", done, {1, 1, status::completed, "r1"}, no_error, false},
    {"a repetition by a newer attempt", done, {1, 2, status::completed, "r1"}, no_error, false},
    {"a repetition by an older attempt",
     {{1, 2, status::completed, "r1"}},
     {1, 1, status::completed, "r1"},
     conflict,
     false},
    {"another result after the end", done, {1, 1, status::completed, "r2"}, conflict, false},
    {"another result by a newer attempt", done, {1, 2, status::completed, "r2"}, conflict, false},
    {"a failure after the end", done, {1, 1, status::failed, "e"}, conflict, false},
    {"a cancel after the end", done, {1, 0, status::cancelled, ""}, conflict, false},
    {"back to work after the end", done, {1, 2, status::processing, ""}, conflict, false},
    {"a dead letter that is retried",
     {{1, 1, status::processing, ""}, {1, 1, status::failed, "e"}},
     {1, 2, status::processing, ""},
     no_error},
    {"a dead letter of the queue's that is retried",
     {{1, 1, status::processing, ""}, {1, 0, status::failed, "lost"}},
     {1, 2, status::processing, ""},
     no_error},
    {"back to work after a failure, without a retry",
     {{1, 1, status::processing, ""}, {1, 1, status::failed, "e"}},
     {1, 1, status::processing, ""},
     conflict,
     false},
    {"a newer job after the end", done, {2, 0, status::pending, ""}, no_error},
    {"an older job after the end",
     {{2, 1, status::completed, "r"}},
     {1, 9, status::completed, "r"},
     conflict,
     false},
    {"no job after the end", done, {0, 0, status::pending, ""}, conflict, false},
    {"a newer job where the last one ended without a word",
     begun,
     {2, 5, status::processing, ""},
     no_error},
    {"a job that finds a record without a job",
     {{0, 0, status::pending, ""}},
     {1, 0, status::pending, ""},
     no_error},
    {"a job that finds a final record without a job",
     {{0, 0, status::cancelled, ""}},
     {1, 0, status::pending, ""},
     no_error},
    {"a job that finds one that no attempt has begun",
     {{1, 0, status::pending, ""}},
     {2, 0, status::pending, ""},
     no_error},
    {"the older of two jobs that have not begun",
     {{2, 0, status::pending, ""}},
     {1, 1, status::processing, ""},
     conflict,
     false},
    {"the former job after a take-over",
     {{1, 1, status::failed, "e"}, {2, 0, status::pending, ""}},
     {1, 2, status::completed, "r"},
     conflict,
     false},
    {"a low token of the next job",
     {{1, 9, status::failed, "e"}, {2, 0, status::pending, ""}},
     {2, 1, status::processing, ""},
     no_error},
};

inline image_record image_number(int number) {
  image_record image;
  image.id = "i" + std::to_string(number);
  image.user_id = "u1";
  image.type = "user";
  image.file_name = "na'me \"ü\".jpg";
  image.blob_key = "images/i1.jpg";
  image.bytes = 123'456'789'012;
  image.mime_type = "image/jpeg";
  image.width = 4'000'000'000;
  image.height = 3;
  image.checksum = "abc";
  image.created_at = at(number);
  return image;
}

/// The rule about who may change a conversion's record, as a table.
inline void check_fencing(const record_store_maker& maker) {
  const auto store = maker.open();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const rule& row = rules[i];
    INFO(row.name);
    const std::string id = "c" + std::to_string(i);
    for (const step& earlier : row.before) {
      REQUIRE(store->record(update_of(earlier, id)));
    }
    const auto before = store->find_conversion(id);
    const auto update = update_of(row.then, id);
    const auto answer = store->record(update);
    CHECK((answer ? error_class::none : answer.error().kind) == row.answer);
    const auto after = store->find_conversion(id);
    REQUIRE(after);
    if (row.is_written) {
      CHECK(after->last.status == update.status);
      CHECK(after->last.attempt.job == update.attempt.job);
      CHECK(after->last.result_image_id == update.result_image_id);
      CHECK(after->last.error_message == update.error_message);
    } else {
      CHECK(after->last == before->last);
    }
  }
}

/// A conflict says who holds the record, who asked, and why not.
inline void check_conflict_message(const record_store_maker& maker) {
  const auto store = maker.open();
  REQUIRE(store->record(update_of({1, 2, status::processing, ""})));
  const auto refused = store->record(update_of({1, 1, status::completed, "r"}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message
        == "conversion c1 is processing by attempt 01000000-0000-0000-0000-000000000000-2, attempt "
           "01000000-0000-0000-0000-000000000000-1 cannot make it completed: a newer attempt has "
           "taken over");
}

/// A conversion belongs to its user: no job of another's changes its record, be it newer or older,
/// in flight or final.
inline void check_owner(const record_store_maker& maker) {
  const auto store = maker.open();
  const std::vector<std::vector<step>> histories{
      {{0, 0, status::pending, ""}},    {{2, 0, status::pending, ""}},
      {{2, 1, status::processing, ""}}, {{2, 1, status::completed, "r"}},
      {{2, 1, status::failed, "e"}},    {{2, 0, status::cancelled, ""}}};
  const std::vector<step> attacks{{0, 0, status::pending, ""},    {1, 9, status::completed, "x"},
                                  {2, 9, status::processing, ""}, {3, 0, status::pending, ""},
                                  {3, 1, status::processing, ""}, {3, 1, status::completed, "x"},
                                  {3, 0, status::cancelled, ""},  {3, 0, status::failed, "theirs"}};
  for (std::size_t i = 0; i < histories.size(); ++i) {
    const std::string id = "c" + std::to_string(i);
    for (const step& own : histories[i]) {
      REQUIRE(store->record(update_of(own, id)));
    }
    const auto before = store->find_conversion(id);
    REQUIRE(before);
    for (const step& attack : attacks) {
      INFO(id << ": job " << int{attack.job} << " says " << to_string(attack.says));
      auto foreign = update_of(attack, id);
      foreign.user_id = "u2";
      const auto refused = store->record(foreign);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind == error_class::conflict);
      CHECK(refused.error().message == "conversion " + id + " belongs to another user");
      CHECK(store->find_conversion(id)->last == before->last);
    }
    CHECK(store->record(update_of({3, 0, status::pending, ""}, id)));
  }
}

/// A conversion is read back with its times.
inline void check_conversions(const record_store_maker& maker) {
  auto update = update_of({1, 1, status::processing, ""});
  REQUIRE(maker.open()->record(update));
  update.status = status::completed;
  update.result_image_id = "r1";
  update.processing_time = milliseconds{1234};
  update.at = at(9);
  REQUIRE(maker.open()->record(update));
  const auto found = maker.open()->find_conversion("c1");
  REQUIRE(found);
  CHECK(found->last == update);
  CHECK(found->created_at == at(1));
  CHECK(found->updated_at == at(9));
  CHECK(found->completed_at == at(9));
  auto next = update_of({2, 0, status::pending, ""});
  next.at = at(20);
  REQUIRE(maker.open()->record(next));
  const auto again = maker.open()->find_conversion("c1");
  REQUIRE(again);
  CHECK(again->created_at == at(1));
  CHECK_FALSE(is_set(again->completed_at));
  CHECK(maker.open()->find_conversion("c2").error().kind == error_class::not_found);
}

/// An image's row is read back, replaced and removed.
inline void check_images(const record_store_maker& maker) {
  const auto store = maker.open();
  auto image = image_number(1);
  REQUIRE(store->put_image(image));
  CHECK(store->find_image("i1").value() == image);
  image.thumbnail_key = "images/i1.thumb.jpg";
  image.width = 7;
  REQUIRE(store->put_image(image));
  REQUIRE(store->put_image(image_number(2)));
  CHECK(store->find_image("i1").value() == image);
  CHECK(store->remove_image("i1").value() == image);
  CHECK(store->remove_image("i1").error().kind == error_class::not_found);
  CHECK(store->find_image("i1").error().kind == error_class::not_found);
  CHECK(store->find_image("i2").value() == image_number(2));
  image.user_id.clear();  // the garment of a vendor, say
  REQUIRE(store->put_image(image));
  CHECK(store->find_image("i1").value() == image);
  CHECK(store->probe());
}

/// What users spend is added up by day.
inline void check_spending(const record_store_maker& maker) {
  const user_spending once{"2026-11-24", "ann", {1, 20, 3, 1'290, 38'700'000'000}};
  REQUIRE(maker.open()->add_spending(once));
  const auto store = maker.open();
  REQUIRE(store->add_spending(once));
  REQUIRE(store->add_spending({"2026-11-24", "bob", {1, 1, 1, 1, 1}}));
  REQUIRE(store->add_spending({"2026-11-25", "ann", {7, 7, 7, 7, 7}}));
  auto spent = store->spending_of("2026-11-24");
  REQUIRE(spent);
  std::ranges::sort(*spent, {}, &user_spending::user_id);
  const user_spending twice{"2026-11-24", "ann", {2, 40, 6, 2'580, 77'400'000'000}};
  CHECK(*spent == std::vector<user_spending>{twice, {"2026-11-24", "bob", {1, 1, 1, 1, 1}}});
  CHECK(store->spending_of("2026-11-26").value().empty());
}

/// Each of several updates is decided as by itself, and one that is refused stops no other.
inline void check_updates_together(const record_store_maker& maker) {
  const auto store = maker.open();
  REQUIRE(store->record(update_of({1, 1, status::completed, "r"}, "done")));
  auto foreign = update_of({2, 0, status::pending, ""}, "done");
  foreign.user_id = "u2";
  const std::vector updates{
      update_of({3, 0, status::pending, ""}, "z"),
      update_of({3, 1, status::processing, ""}, "z"),
      foreign,
      update_of({4, 0, status::pending, ""}, "a"),
      update_of({3, 0, status::pending, ""}, "z"),
      update_of({3, 1, status::completed, "r"}, "z"),
  };
  const auto written = store->record_all(updates);
  REQUIRE(written.size() == updates.size());
  const std::vector<bool> expected{true, true, false, true, false, true};
  for (std::size_t i = 0; i < written.size(); ++i) {
    INFO(i);
    CHECK(written[i].has_value() == expected[i]);
  }
  CHECK(written[2].error().kind == error_class::conflict);
  CHECK(store->find_conversion("z")->last.status == status::completed);
  CHECK(store->find_conversion("a")->last.status == status::pending);
  CHECK(store->find_conversion("done")->last.user_id == "u1");
  CHECK(store->record_all({}).empty());
}

/// Whose images and conversions are is told in the order in which it was asked.
inline void check_owners(const record_store_maker& maker) {
  const auto store = maker.open();
  REQUIRE(store->put_image(image_number(1)));
  auto garment = image_number(2);
  garment.type = "vendor";
  garment.user_id.clear();
  REQUIRE(store->put_image(garment));
  REQUIRE(store->record(update_of({1, 0, status::pending, ""}, "c1")));
  const auto found = store->find_owners({{"i2", "none", "i1", "i2"}, {"none", "c1", "i1"}});
  REQUIRE(found);
  const image_owner of_nobody{"", "vendor"};
  CHECK(
      *found
      == ownership_report{
          {of_nobody, std::nullopt, image_owner{"u1", "user"}, of_nobody},
          {std::nullopt, "u1", std::nullopt}}
  );
  CHECK(store->find_owners({}).value() == ownership_report{});

  ownership_query many;
  for (int i = 0; i < 250; ++i) {
    many.images.push_back(i % 2 == 0 ? "i1" : "none");
    many.conversions.push_back(i % 3 == 0 ? "c1" : "none");
  }
  const auto all = store->find_owners(many);
  REQUIRE(all);
  REQUIRE(all->images.size() == 250);
  REQUIRE(all->conversions.size() == 250);
  for (std::size_t i = 0; i < 250; ++i) {
    REQUIRE(all->images[i].has_value() == (i % 2 == 0));
    REQUIRE(all->conversions[i].has_value() == (i % 3 == 0));
  }
}

/// A limit that was found replaces what was kept by its name, and outlives the process.
inline void check_found_limits(const record_store_maker& maker) {
  const timestamp noon = *parse_rfc3339("2026-11-24T12:00:00.250Z");
  CHECK(maker.open()->limits().value().empty());
  REQUIRE(maker.open()->keep_limit({"a/calls", 300, false, noon}));
  const auto store = maker.open();
  REQUIRE(store->keep_limit({"a/calls", 4'000'000'000, true, noon + milliseconds{1}}));
  REQUIRE(store->keep_limit({"a/0123", 60, true, noon}));
  const auto kept = store->limits();
  REQUIRE(kept);
  CHECK(
      *kept
      == std::vector<
          found_limit>{{"a/0123", 60, true, noon}, {"a/calls", 4'000'000'000, true, noon + milliseconds{1}}}
  );
}

/// A killed writer loses no record that it answered for.
inline void check_durability(const record_store_maker& maker) {
  const auto acknowledged = test::kill_while_storing([&](std::uint32_t n) {
    static const auto store = maker.open();
    return static_cast<bool>(
        store->record(update_of({1, 1, status::completed, "r"}, std::to_string(n)))
    );
  });
  REQUIRE(acknowledged >= 100);
  const auto store = maker.open();
  for (std::uint32_t n = 0; n < acknowledged; ++n) {
    REQUIRE(store->find_conversion(std::to_string(n)));
  }
}

}  // namespace stayler::adapters::conformance
