// SPDX-License-Identifier: MIT
#pragma once

// What every blob store promises, as assertions that its tests call with an empty store.

#include "adapters/blob_store/blob_store.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace stayler::test {

inline shared_bytes blob(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

/// What was found as text, or the name of the error's class.
inline std::string text_of(const result<shared_bytes>& found) {
  return found ? std::string(reinterpret_cast<const char*>((*found)->data()), (*found)->size())
               : std::string{to_string(found.error().kind)};
}

/// Leaves the one blob "empty".
inline void check_reading_and_writing(adapters::blob_store& store) {
  REQUIRE(store.put("results/a-1/picture.jpg", blob("one")));
  CHECK(text_of(store.get("results/a-1/picture.jpg")) == "one");
  REQUIRE(store.put("results/a-1/picture.jpg", blob("another")));
  CHECK(text_of(store.get("results/a-1/picture.jpg")) == "another");
  REQUIRE(store.put("empty", blob("")));
  CHECK(text_of(store.get("empty")).empty());
  REQUIRE(store.remove("results/a-1/picture.jpg"));
  CHECK(text_of(store.get("results/a-1/picture.jpg")) == "not_found");
  CHECK(store.remove("results/a-1/picture.jpg"));
  CHECK(store.probe());
}

/// Leaves the store empty.
inline void check_parts(adapters::blob_store& store) {
  const std::string key = "parts/one";
  CHECK(store.get_part(key, 0, 1).error().kind == error_class::not_found);
  CHECK(store.get_part(key, 0, 0).error().kind == error_class::not_found);
  REQUIRE(store.put(key, blob("0123456789")));
  const auto text = [&](std::uint64_t offset, std::uint64_t count) {
    const auto part = store.get_part(key, offset, count);
    REQUIRE(part);
    CHECK(part->total_bytes == 10);
    return text_of(result<shared_bytes>{part->bytes});
  };
  CHECK(text(0, 10) == "0123456789");
  CHECK(text(3, 4) == "3456");
  CHECK(text(8, 100) == "89");
  CHECK(text(8, std::numeric_limits<std::uint64_t>::max()) == "89");
  CHECK(text(10, 1).empty());
  CHECK(text(11, 1).empty());
  CHECK(text(0, 0).empty());
  const auto version = store.get_part(key, 0, 1).value().version;
  CHECK(store.get_part(key, 9, 1).value().version == version);
  CHECK(store.get_part(key, 0, 0).value().version == version);
  REQUIRE(store.put(key, blob("9876543210")));
  CHECK(store.get_part(key, 0, 1).value().version != version);
  REQUIRE(store.put(key, blob("")));
  const auto nothing = store.get_part(key, 0, 5);
  REQUIRE(nothing);
  CHECK(nothing->total_bytes == 0);
  CHECK(nothing->bytes->empty());
  REQUIRE(store.remove(key));
}

/// Leaves the store empty.
inline void check_replacing(adapters::blob_store& store) {
  const std::string key = "replaced/one";
  REQUIRE(store.put(key, blob("old")));
  const auto version = store.get_part(key, 0, 1).value().version;
  CHECK_FALSE(store.replace(key, blob("x"), "another version").value());
  CHECK(text_of(store.get(key)) == "old");
  CHECK(store.replace(key, blob("new"), version).value());
  CHECK(text_of(store.get(key)) == "new");
  CHECK_FALSE(store.replace(key, blob("x"), version).value());
  CHECK(text_of(store.get(key)) == "new");
  const auto last = store.get_part(key, 0, 1).value().version;
  REQUIRE(store.remove(key));
  CHECK_FALSE(store.replace(key, blob("x"), last).value());
  CHECK(text_of(store.get(key)) == "not_found");
  CHECK(store.replace(key, nullptr, last).error().kind == error_class::invalid_input);
}

/// Leaves the store empty.
inline void check_visits(adapters::blob_store& store) {
  std::set<std::string> keys;
  for (const char* key : {"a/1", "a/2", "b/c/3", "d", "e-4.jpg"}) {
    REQUIRE(store.put(key, blob("x")));
    keys.insert(key);
  }
  std::set<std::string> met;
  CHECK(store.visit([&](const std::string& key) { return met.insert(key), true; }));
  CHECK(met == keys);
  int count = 0;
  CHECK(store.visit([&](const std::string&) { return ++count < 2; }));
  CHECK(count == 2);
  for (const auto& key : keys) {
    REQUIRE(store.remove(key));
  }
  CHECK(store.visit([&](const std::string&) { return ++count > 0; }));
  CHECK(count == 2);
}

/// Leaves the store empty.
inline void check_bad_keys(adapters::blob_store& store) {
  const std::string bad[] = {
      "",
      "/",
      "/a",
      "a/",
      "a//b",
      ".",
      "..",
      "../x",
      "a/../../x",
      "a/./b",
      "a b",
      "a\\b",
      "ä",
      "~tmp",
      std::string("a\0b", 3),
      "a\nb",
      std::string(256, 'a'),
      std::string(250, 'a') + "/" + std::string(250, 'b') + "/" + std::string(11, 'c')};
  for (const std::string& key : bad) {
    INFO(key);
    for (const auto kind :
         {store.put(key, blob("x")).error().kind, store.get(key).error().kind,
          store.get_part(key, 0, 1).error().kind, store.remove(key).error().kind}) {
      CHECK(kind == error_class::invalid_input);
    }
  }
  CHECK(store.put("no-bytes", nullptr).error().kind == error_class::invalid_input);
}

inline void check_good_keys(adapters::blob_store& store) {
  const std::string good[] = {
      "a",
      ".hidden",
      "...",
      "a..b",
      "A-Z_0.9/x",
      std::string(255, 'a'),
      std::string(250, 'a') + "/" + std::string(250, 'b') + "/" + std::string(10, 'c')};
  for (const std::string& key : good) {
    INFO(key);
    CHECK(store.put(key, blob("x")));
    CHECK(text_of(store.get(key)) == "x");
  }
}

/// Leaves the one blob "shared".
inline void check_crowd(adapters::blob_store& store, int rounds) {
  std::atomic<int> failures{0};
  const auto work = [&](char mark) {
    for (int round = 0; round < rounds; ++round) {
      const std::string own = std::string{"x/"} + mark + "/blob";
      failures += store.put("shared", blob(std::string(10'000, mark))) ? 0 : 1;
      const auto found = text_of(store.get("shared"));
      failures += found == std::string(10'000, found[0]) ? 0 : 1;
      failures += store.put(own, blob("mine")) ? 0 : 1;
      failures += text_of(store.get(own)) == "mine" ? 0 : 1;
      failures += store.remove(own) ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  for (const char mark : {'a', 'b', 'c', 'd'}) {
    threads.emplace_back(work, mark);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
}

}  // namespace stayler::test
