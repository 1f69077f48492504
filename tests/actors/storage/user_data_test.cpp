// SPDX-License-Identifier: MIT

// An erasure ends when nothing of the user is left, whatever is away, late or killed meanwhile.

#include "actors/storage/user_data.hpp"

#include "adapters/event_feed/memory_event_feed.hpp"
#include "adapters/outbox/memory_outbox.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stayler::test {

namespace {

using std::chrono::seconds;

class erasable_cache final : public adapters::result_cache {
 public:
  std::vector<std::string> owners;

  result<std::optional<cached_result>> find(const content_hash& /*key*/) override {
    return std::optional<cached_result>{};
  }
  void_result store(const content_hash& /*key*/, const cached_result& /*entry*/) override {
    return ok();
  }
  void_result purge() override { return ok(); }
  result<std::uint64_t> erase_user(std::string_view user_id) override {
    return std::uint64_t{std::erase(owners, user_id)};
  }
  void limit(const adapters::result_cache_limits& /*limits*/) override {}
  [[nodiscard]] adapters::result_cache_usage usage() const override { return {}; }
};

class kept_trail final : public adapters::audit_trail {
 public:
  std::vector<adapters::audit_record> records;
  void add(const adapters::audit_record& record) override { records.push_back(record); }
};

image_record image_of(const std::string& user, const std::string& id, const char* type = "user") {
  image_record image;
  image.id = id;
  image.user_id = user;
  image.type = type;
  image.blob_key = "blob-" + id;
  image.thumbnail_key = "thumbnail-" + id;
  return image;
}

class user_data_fixture : public fixture {
 public:
  std::shared_ptr<fake_record_store> records = std::make_shared<fake_record_store>();
  std::shared_ptr<fake_blob_store> blobs = std::make_shared<fake_blob_store>();
  std::shared_ptr<adapters::outbox> outbox = adapters::make_memory_outbox();
  std::shared_ptr<erasable_cache> cache = std::make_shared<erasable_cache>();
  std::shared_ptr<kept_trail> trail = std::make_shared<kept_trail>();
  std::vector<erased_jobs> jobs;  ///< what the queue answers, one after the other; then none
  std::vector<std::string> seen;  ///< whose jobs it was to erase
  failure queue_trouble;
  std::vector<std::string> silenced;  ///< whose notifications are delivered no more
  int scrubs = 0;
  settings config;
  user_data_actor keeper;

  void start() {
    actors::user_data_options options;
    options.queue = spawn_fake<queue_actor>([this](caf::event_based_actor*) {
      return caf::behavior{[this](erase_atom, const std::string& user) -> caf::result<erased_jobs> {
        if (queue_trouble) {
          return actors::to_error(queue_trouble);
        }
        seen.push_back(user);
        return seen.size() <= jobs.size() ? jobs[seen.size() - 1] : erased_jobs{};
      }};
    });
    options.notifier = spawn_fake<notifier_actor>([this](caf::event_based_actor*) {
      return caf::behavior{
          [this](erase_atom, const std::string& user) { silenced.push_back(user); }};
    });
    options.records = records;
    options.blobs = blobs;
    options.outbox = outbox;
    options.cache = cache;
    options.events = adapters::make_memory_event_feed();
    options.audit = trail;
    options.clock = clock();
    options.tags = std::make_shared<adapters::user_tags>("key");
    options.scrub = [this]() -> void_result {
      ++scrubs;
      return ok();
    };
    options.config = config;
    keeper = spawn(actors::user_data, std::move(options));
    run();
  }

  void put_image(const image_record& image) {
    records->images[image.id] = image;
    blobs->blobs[image.blob_key] = blobs->blobs[image.thumbnail_key] = bytes_of("picture");
  }

  void put_all_of(const std::string& user) {
    put_image(image_of(user, user + "-1"));
    put_image(image_of(user, user + "-2", "result"));
    conversion_update conversion;
    conversion.conversion_id = "c-" + user;
    conversion.user_id = user;
    records->conversions[conversion.conversion_id] = conversion;
    records->spent.push_back({"2026-01-01", user, {}});
    adapters::outbox_entry entry;
    entry.event.event_id = "e-" + user;
    entry.event.user_id = user;
    REQUIRE(outbox->execute({{entry}, {}}));
    cache->owners.push_back(user);
  }

  erasure erase(const std::string& user) {
    auto begun = call<erasure>(keeper, erase_atom_v, user);
    REQUIRE(begun);
    return *begun;
  }

  erasure state_of(const erasure& begun) {
    return call<erasure>(keeper, find_atom_v, begun.id).value();
  }
};

}  // namespace

TEST_CASE_METHOD(
    user_data_fixture, "an erasure removes all that is kept of its user, and of nobody else"
) {
  put_all_of("ann");
  put_all_of("bob");
  jobs = {{2, 1}, {1, 0}};
  start();
  const auto begun = erase("ann");
  CHECK(begun.user_id == "ann");
  CHECK_FALSE(state_of(begun).is_done());
  advance(seconds{2});
  advance(seconds{2});
  advance(seconds{2});

  const auto done = state_of(begun);
  CHECK(done.is_done());
  CHECK(done.erased == erased_counts{3, 2, 1, 1, 1, 1});
  CHECK(done.user_id.empty());
  CHECK(records->images.size() == 2);
  CHECK(blobs->blobs.size() == 4);
  CHECK(records->conversions.size() == 1);
  CHECK(records->conversions.contains("c-bob"));
  CHECK(records->spent.size() == 1);
  CHECK(outbox->list({})->notifications.size() == 1);
  CHECK(cache->owners == std::vector<std::string>{"bob"});
  CHECK(silenced.front() == "ann");
  CHECK(scrubs == 1);
}

TEST_CASE_METHOD(user_data_fixture, "an erasure looks again until it has found nothing") {
  jobs = {{0, 1}};
  start();
  const auto begun = erase("ann");
  // An attempt that was cancelled too late stores its result.
  put_image(image_of("ann", "late", "result"));
  advance(seconds{2});
  CHECK(records->images.empty());
  CHECK_FALSE(state_of(begun).is_done());
  advance(seconds{2});
  CHECK(state_of(begun).is_done());
  CHECK(seen.size() == 3);
}

TEST_CASE_METHOD(user_data_fixture, "an erasure that is asked for again is the one under way") {
  start();
  const auto begun = erase("ann");
  CHECK(erase("ann").id == begun.id);
  const auto other = erase("bob");
  CHECK(other.id != begun.id);
  for (int i = 0; i < 4; ++i) {
    advance(seconds{2});
  }
  CHECK(state_of(begun).is_done());
  CHECK(state_of(other).is_done());
  CHECK(erase("ann").id != begun.id);
}

TEST_CASE_METHOD(user_data_fixture, "an erasure waits for a store that is away, and says so") {
  put_all_of("ann");
  start();
  queue_trouble = {error_class::unavailable, "Redis at 10.0.0.1 is away"};
  const auto begun = erase("ann");
  CHECK(state_of(begun).error == "unavailable");
  CHECK(records->images.size() == 2);
  queue_trouble = {};
  for (int i = 0; i < 4; ++i) {
    advance(seconds{10});
  }
  CHECK(state_of(begun).is_done());
  CHECK(state_of(begun).error.empty());
  CHECK(records->images.empty());
}

TEST_CASE_METHOD(
    user_data_fixture, "an erasure that a process has left behind goes on in the next"
) {
  put_all_of("ann");
  erasure left;
  left.id = make_uuid_v7(clock()->now());
  left.user_id = "ann";
  left.erased.jobs = 7;
  REQUIRE(records->save_erasure(left));
  start();
  advance(seconds{2});
  advance(seconds{2});
  CHECK(state_of(left).is_done());
  CHECK(state_of(left).erased.jobs == 7);
  CHECK(records->images.empty());
}

TEST_CASE_METHOD(user_data_fixture, "an erasure that has only lost its end is scrubbed and ended") {
  erasure left;
  left.id = make_uuid_v7(clock()->now());
  REQUIRE(records->save_erasure(left));
  start();
  CHECK(state_of(left).is_done());
  CHECK(scrubs == 1);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(
    user_data_fixture, "the trail says what an erasure has removed, and not whose it was"
) {
  put_all_of("ann");
  start();
  static_cast<void>(erase("ann"));
  for (int i = 0; i < 3; ++i) {
    advance(seconds{2});
  }
  REQUIRE(trail->records.size() == 1);
  CHECK(trail->records[0].action == "erased a user's data");
  CHECK(trail->records[0].target == adapters::user_tags{"key"}.of("ann"));
  CHECK(trail->records[0].details.starts_with("0 jobs, 2 images, 1 conversions"));
}

TEST_CASE_METHOD(
    user_data_fixture, "pictures and conversions go when their time is over, a vendor's do not"
) {
  config.cleanup_interval = seconds{60};
  config.upload_retention = seconds{3'600};
  config.record_retention = seconds{3'600};
  const auto now = clock()->now();
  for (const auto& [id, type, age] :
       {std::tuple{"old", "user", 3'700},
        {"new", "user", 10},
        {"result", "result", 9'000},
        {"vendor", "vendor", 9'000}}) {
    auto image = image_of("ann", id, type);
    image.created_at = now - seconds{age};
    put_image(image);
  }
  conversion_update conversion;
  conversion.conversion_id = "ended";
  conversion.status = job_status::completed;
  conversion.at = now - seconds{3'700};
  records->conversions["ended"] = conversion;
  conversion.conversion_id = "waits";
  conversion.status = job_status::pending;
  records->conversions["waits"] = conversion;
  start();
  advance(seconds{60});
  CHECK_FALSE(records->images.contains("old"));
  CHECK_FALSE(blobs->blobs.contains("blob-old"));
  CHECK(records->images.size() == 3);
  CHECK(records->conversions.size() == 1);
  CHECK(records->conversions.contains("waits"));
}

TEST_CASE_METHOD(user_data_fixture, "what is kept of a user is listed by pages") {
  put_all_of("ann");
  put_all_of("bob");
  start();
  using kind = user_records_query::kind;
  const auto ids = [this](const std::string& after) {
    const auto page =
        call<user_records>(keeper, list_atom_v, user_records_query{kind::images, "ann", after, 1})
            .value();
    return page.images.empty() ? std::string{} : page.images[0].id;
  };
  CHECK(ids("") == "ann-1");
  CHECK(ids("ann-1") == "ann-2");
  CHECK(ids("ann-2").empty());
  const auto conversions =
      call<user_records>(keeper, list_atom_v, user_records_query{kind::conversions, "ann", "", 9});
  REQUIRE(conversions->conversions.size() == 1);
  CHECK(conversions->conversions[0].conversion_id == "c-ann");
}

}  // namespace stayler::test
