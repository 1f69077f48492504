// SPDX-License-Identifier: MIT

// Calls of a remote blob store: side by side, except those of one key.

#include "actors/storage/parallel_blob_store_io.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"
#include "tests/support/catch.hpp"

namespace stayler::test {

namespace {

/// Keeps each call until the test makes it.
class kept_threads final : public adapters::detached_threads {
 public:
  std::vector<std::function<void()>> kept;
  failure refusal;

  void_result start(std::function<void()> call) override {
    if (refusal) {
      return refusal;
    }
    kept.push_back(std::move(call));
    return ok();
  }

  bool wait_for_all(std::chrono::milliseconds) override { return kept.empty(); }
};

struct remote : fixture {
  std::shared_ptr<fake_blob_store> store = std::make_shared<fake_blob_store>();
  std::shared_ptr<kept_threads> threads = std::make_shared<kept_threads>();

  blob_store_actor spawn_store(std::size_t slots = 32, std::size_t max_queue = 1'000) {
    return spawn(
        actors::parallel_blob_store,
        actors::parallel_blob_store_options{store, threads, slots, max_queue}
    );
  }

  pending<unit_value> put(
      const blob_store_actor& whom, const std::string& key, const char* text = "x"
  ) {
    return ask<unit_value>(whom, store_atom_v, key, bytes_of(text));
  }

  /// Makes the kept call of that place.
  void make(std::size_t place) {
    const auto call = std::move(threads->kept.at(place));
    threads->kept.erase(threads->kept.begin() + static_cast<std::ptrdiff_t>(place));
    call();
    run();
  }
};

}  // namespace

TEST_CASE_METHOD(remote, "remote blobs: each call is made and answered, failures too") {
  const auto blobs = spawn_store();
  const std::string key{"a"};
  const auto stored = put(blobs, key);
  make(0);
  CHECK(stored.answer());
  const auto fetched = ask<shared_bytes>(blobs, fetch_atom_v, key);
  make(0);
  CHECK(text_of(fetched.answer().value()) == "x");
  store->fail("probe", error_class::permission);
  const auto probed = ask<unit_value>(blobs, probe_atom_v);
  make(0);
  CHECK(probed.answer().error().kind == error_class::permission);
  const auto removed = ask<unit_value>(blobs, remove_atom_v, key);
  make(0);
  CHECK(removed.answer());
  CHECK(store->blobs.empty());
}

TEST_CASE_METHOD(remote, "remote blobs: a slow call keeps only its own requester waiting") {
  const auto blobs = spawn_store();
  const auto slow = put(blobs, "slow");
  const auto quick = put(blobs, "quick");
  REQUIRE(threads->kept.size() == 2);
  make(1);
  CHECK(quick.has_answer());
  CHECK_FALSE(slow.has_answer());
  make(0);
  CHECK(slow.has_answer());
}

TEST_CASE_METHOD(remote, "remote blobs: the calls of one key are made in their order") {
  const auto blobs = spawn_store();
  put(blobs, "a", "1");
  put(blobs, "a", "2");
  put(blobs, "b");
  ask<unit_value>(blobs, remove_atom_v, std::string{"a"});
  REQUIRE(threads->kept.size() == 2);
  make(0);
  make(1);
  CHECK(text_of(store->blobs.at("a")) == "2");
  make(1);
  CHECK_FALSE(store->blobs.contains("a"));
  CHECK(threads->kept.size() == 1);
}

TEST_CASE_METHOD(remote, "remote blobs: parts of one blob are read at the same time") {
  const auto blobs = spawn_store();
  store->blobs["a"] = bytes_of("abcd");
  const auto part = [&](std::uint64_t offset) {
    return ask<blob_part>(blobs, fetch_atom_v, std::string{"a"}, offset, std::uint64_t{2});
  };
  const auto first = part(0);
  const auto second = part(2);
  REQUIRE(threads->kept.size() == 2);
  make(1);
  CHECK(text_of(second.answer().value().bytes) == "cd");
  make(0);
  CHECK(text_of(first.answer().value().bytes) == "ab");
}

TEST_CASE_METHOD(remote, "remote blobs: there are so many calls at a time and no more") {
  const auto blobs = spawn_store(2, 1);
  put(blobs, "a");
  put(blobs, "b");
  const auto waiting = put(blobs, "c");
  const auto refused = put(blobs, "d");
  CHECK(threads->kept.size() == 2);
  CHECK(refused.answer().error().kind == error_class::unavailable);
  make(0);
  make(1);
  CHECK(waiting.has_answer());
}

TEST_CASE_METHOD(remote, "remote blobs: without a thread a call is unavailable") {
  const auto blobs = spawn_store();
  threads->refusal = {error_class::unavailable, "no thread"};
  CHECK(put(blobs, "a").answer().error().message == "no thread");
  threads->refusal = {};
  const auto again = put(blobs, "a");
  make(0);
  CHECK(again.answer());
}

TEST_CASE_METHOD(remote, "remote blobs: what was asked of an actor that ends is unavailable") {
  const auto blobs = spawn_store(1);
  const auto under_way = put(blobs, "a");
  const auto waiting = put(blobs, "b");
  kill(blobs);
  CHECK(under_way.answer().error().kind == error_class::unavailable);
  CHECK(waiting.answer().error().kind == error_class::unavailable);
  make(0);
}

}  // namespace stayler::test
