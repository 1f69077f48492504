// SPDX-License-Identifier: MIT

// The actor around the result cache: whatever happens to the cache, who asks gets a hit or a miss.

#include "actors/provider/result_cache.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"
#include "tests/support/catch.hpp"

namespace stayler::test {

namespace {

using std::chrono::seconds;

class fake_result_cache final : public adapters::result_cache, public call_log {
 public:
  std::map<content_hash, cached_result> entries;
  std::vector<adapters::result_cache_limits> limits_seen;

  result<std::optional<cached_result>> find(const content_hash& key) override {
    if (auto fault = note("find", "")) {
      return fault;
    }
    const auto found = entries.find(key);
    return found != entries.end() ? std::optional{found->second} : std::nullopt;
  }

  void_result store(const content_hash& key, const cached_result& entry) override {
    if (auto fault = note("store", "")) {
      return fault;
    }
    entries[key] = entry;
    return ok();
  }

  void_result purge() override {
    if (auto fault = note("purge", "")) {
      return fault;
    }
    return ok();
  }

  result<std::uint64_t> erase_user(std::string_view user_id) override {
    return std::uint64_t{std::erase_if(entries, [user_id](const auto& each) {
      return each.second.user_id == user_id;
    })};
  }

  void limit(const adapters::result_cache_limits& limits) override {
    limits_seen.push_back(limits);
  }

  [[nodiscard]] adapters::result_cache_usage usage() const override {
    return {entries.size(), 100 * entries.size()};
  }
};

class result_cache_fixture : public fixture {
 public:
  result_cache_fixture() { start(); }

  void start() {
    actors::result_cache_options options;
    options.cache = store;
    options.config = config;
    options.log = [this](const std::string& line) { lines.push_back(line); };
    options.metrics = spawn_fake<metrics_actor>(
        [](caf::event_based_actor*, std::vector<cache_event>* seen) -> caf::behavior {
          return {[seen](const cache_event& event) { seen->push_back(event); }};
        },
        &events
    );
    cache = spawn(actors::result_cache, options);
    store->calls.clear();
    events.clear();
  }

  cache_lookup find(std::uint8_t seed) {
    return call<cache_lookup>(cache, find_atom_v, content_hash{{seed}}).value();
  }

  void put(std::uint8_t seed, std::string_view text) {
    tell(
        cache, store_atom_v, content_hash{{seed}},
        cached_result{bytes_of(text), "image/png", "model-1", "u1"}
    );
  }

  cache_status status() { return call<cache_status>(cache, status_atom_v).value(); }

  std::shared_ptr<fake_result_cache> store = std::make_shared<fake_result_cache>();
  settings config;
  std::vector<std::string> lines;
  std::vector<cache_event> events;
  actors::result_cache_impl cache;
};

}  // namespace

TEST_CASE_METHOD(result_cache_fixture, "a picture that was stored is a hit, and counted as one") {
  CHECK_FALSE(find(1).is_hit);
  put(1, "picture");
  const auto found = find(1);
  REQUIRE(found.is_hit);
  CHECK(text_of(found.result.image) == "picture");
  CHECK(found.result.mime_type == "image/png");
  CHECK(found.result.model_version == "model-1");
  CHECK_FALSE(find(2).is_hit);
  CHECK(status() == cache_status{1, 100, 1, 2});
  CHECK(
      events
      == std::vector<cache_event>{{0, 1, 0, 0}, {0, 0, 1, 100}, {1, 0, 1, 100}, {0, 1, 1, 100}}
  );
}

TEST_CASE_METHOD(result_cache_fixture, "a cache that fails is a miss, with a line a minute") {
  put(1, "picture");
  for (const auto* name : {"find", "store", "purge"}) {
    store->fail(name);
  }
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(find(1).is_hit);
    put(2, "another");
  }
  CHECK(lines == std::vector<std::string>{"find was made to fail"});
  advance(seconds{59}, seconds{1});
  CHECK_FALSE(find(1).is_hit);
  CHECK(lines.size() == 1);
  advance(seconds{1}, seconds{1});
  put(2, "another");
  CHECK(lines.size() == 2);
  CHECK(status().misses == 101);
}

TEST_CASE_METHOD(result_cache_fixture, "the cache is swept at the start and once a minute") {
  const auto purges = [this] { return std::ranges::count(store->calls, "purge "); };
  CHECK(purges() == 0);
  advance(seconds{60}, seconds{1});
  CHECK(purges() == 1);
  advance(seconds{120}, seconds{1});
  CHECK(purges() == 3);
  kill(cache);
  start();
  CHECK(store->limits_seen.size() == 2);
}

TEST_CASE_METHOD(result_cache_fixture, "changed limits hold at once") {
  REQUIRE(store->limits_seen.size() == 1);
  CHECK(store->limits_seen[0].max_bytes == 1ULL << 30U);
  CHECK(store->limits_seen[0].max_age == std::chrono::hours{24});
  config.result_cache_max_bytes = 5'000;
  config.result_cache_max_age = seconds{7};
  tell(cache, settings_atom_v, config);
  REQUIRE(store->limits_seen.size() == 2);
  CHECK(store->limits_seen[1].max_bytes == 5'000);
  CHECK(store->limits_seen[1].max_age == seconds{7});
  CHECK(store->calls == std::vector<std::string>{"purge "});
  REQUIRE(events.size() == 1);
}

TEST_CASE_METHOD(result_cache_fixture, "a cache that is off is neither asked nor counted") {
  put(1, "picture");
  config.result_cache_max_bytes = 0;
  tell(cache, settings_atom_v, config);
  store->calls.clear();
  CHECK_FALSE(find(1).is_hit);
  put(2, "another");
  CHECK(store->calls.empty());
  CHECK(status().misses == 0);
  config.result_cache_max_bytes = 1;
  tell(cache, settings_atom_v, config);
  CHECK(find(1).is_hit);
}

}  // namespace stayler::test
