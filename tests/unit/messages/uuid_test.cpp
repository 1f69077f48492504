// SPDX-License-Identifier: MIT

// Version 7 UUIDs (RFC 9562): layout, order, uniqueness over threads, and their text form.

#include "messages/base/uuid.hpp"

#include "messages/jobs/job.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace stayler {

namespace {

using std::chrono::milliseconds;
using time_point = std::chrono::system_clock::time_point;

/// The generator remembers per thread how far it has come, so a test about time needs its own.
template <class Function>
void on_new_thread(Function body) {
  std::thread{body}.join();
}

std::uint64_t millis_of(const uuid& id) {
  std::uint64_t millis = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    millis = (millis << 8U) | id.bytes.at(i);
  }
  return millis;
}

}  // namespace

TEST_CASE("a version 7 UUID carries its time, version and variant") {
  uuid id;
  on_new_thread([&] { id = make_uuid_v7(time_point{milliseconds{0x0192'3456'789A}}); });
  CHECK(millis_of(id) == 0x0192'3456'789AU);
  CHECK((id.bytes[6] >> 4U) == 7);
  CHECK((id.bytes[8] >> 6U) == 2);
  CHECK_FALSE(id.is_nil());
  CHECK(to_string(id).substr(0, 15) == "01923456-789a-7");
}

TEST_CASE("a forked process makes other ids than its parent, who go on from the same state") {
  const time_point now{milliseconds{1'000'000}};
  static_cast<void>(make_uuid_v7(now));
  test::child_process child{[&](int output) {
    const std::string ids = to_string(make_uuid_v7(now)) + to_string(make_uuid_v7(now));
    static_cast<void>(::write(output, ids.data(), ids.size()) == 0);
  }};
  const std::string theirs = child.read_all();
  REQUIRE(theirs.size() == 72);
  const auto tail = [](const std::string& id) { return id.substr(19); };
  for (int i = 0; i < 2; ++i) {
    const std::string ours = to_string(make_uuid_v7(now));
    CHECK(tail(ours) != tail(theirs.substr(0, 36)));
    CHECK(tail(ours) != tail(theirs.substr(36)));
  }
}

TEST_CASE("the random part of an id is new each time, over many refills") {
  std::set<std::string> tails;
  for (int i = 0; i < 5'000; ++i) {
    tails.insert(to_string(make_uuid_v7(time_point{milliseconds{1'000'000}})).substr(19));
  }
  CHECK(tails.size() == 5'000);
}

TEST_CASE("ids of one thread ascend within a millisecond, however many there are") {
  std::vector<uuid> ids;
  on_new_thread([&] {
    for (int i = 0; i < 20'000; ++i) {
      ids.push_back(make_uuid_v7(time_point{milliseconds{1'000'000}}));
    }
  });
  CHECK(std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>{}) == ids.end());
  // The counter holds at least 2,048 ids a millisecond, so the time runs ahead by a few only.
  CHECK(millis_of(ids.back()) - millis_of(ids.front()) <= 10);
}

TEST_CASE("ids of one thread ascend over a clock that steps back") {
  std::vector<uuid> ids;
  on_new_thread([&] {
    for (const int millis : {5'000, 6'000, 4'000, 4'001, 0, 6'000, 6'001}) {
      ids.push_back(make_uuid_v7(time_point{milliseconds{millis}}));
    }
  });
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(millis_of(ids.at(2)) == 6'000);
  CHECK(millis_of(ids.back()) == 6'001);
}

TEST_CASE("ids as text sort like the ids") {
  std::vector<std::string> texts;
  on_new_thread([&] {
    for (int i = 0; i < 1'000; ++i) {
      texts.push_back(to_string(make_uuid_v7(time_point{milliseconds{1'000'000 + i / 3}})));
    }
  });
  CHECK(std::is_sorted(texts.begin(), texts.end()));
}

TEST_CASE("threads that make ids in the same millisecond never make the same one") {
  constexpr std::size_t threads = 8;
  constexpr std::size_t per_thread = 20'000;
  std::vector<std::vector<uuid>> made(threads);
  std::vector<std::thread> running;
  for (auto& ids : made) {
    running.emplace_back([&ids] {
      for (std::size_t i = 0; i < per_thread; ++i) {
        ids.push_back(make_uuid_v7(time_point{milliseconds{1'000'000}}));
      }
    });
  }
  for (auto& thread : running) {
    thread.join();
  }
  std::unordered_set<uuid> all;
  for (const auto& ids : made) {
    all.insert(ids.begin(), ids.end());
  }
  CHECK(all.size() == threads * per_thread);
}

TEST_CASE("a UUID is written in the canonical form and read back") {
  const auto id = make_uuid_v7(std::chrono::system_clock::now());
  const auto text = to_string(id);
  REQUIRE(text.size() == 36);
  CHECK(parse_uuid(text) == id);
  CHECK(to_string(uuid{}) == "00000000-0000-0000-0000-000000000000");
  CHECK(parse_uuid("00000000-0000-0000-0000-000000000000")->is_nil());
  CHECK(
      parse_uuid("0190F0E0-ABCD-7ABC-8DEF-0123456789AB")
      == parse_uuid("0190f0e0-abcd-7abc-8def-0123456789ab")
  );
  CHECK(
      to_string(*parse_uuid("0190F0E0-ABCD-7ABC-8DEF-0123456789AB"))
      == "0190f0e0-abcd-7abc-8def-0123456789ab"
  );
}

TEST_CASE("what is no UUID in the canonical form is refused") {
  const std::string good = "0190f0e0-abcd-7abc-8def-0123456789ab";
  REQUIRE(parse_uuid(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    // A wrong character at each place, a dash for a digit, a digit for a dash.
    for (const char wrong : {'g', ' ', '\0', good[i] == '-' ? '0' : '-'}) {
      auto text = good;
      text[i] = wrong;
      INFO(text);
      CHECK_FALSE(parse_uuid(text));
    }
    CHECK_FALSE(parse_uuid(good.substr(0, i)));
  }
  CHECK_FALSE(parse_uuid(good + "0"));
  CHECK_FALSE(parse_uuid("{" + good + "}"));
  CHECK_FALSE(parse_uuid("0190f0e0abcd7abc8def0123456789ab"));
}

TEST_CASE("a job id reads and writes like the UUID in it") {
  const std::string text = "0190f0e0-abcd-7abc-8def-0123456789ab";
  const auto id = parse_job_id(text);
  REQUIRE(id);
  CHECK(to_string(*id) == text);
  CHECK(id->value == parse_uuid(text));
  CHECK_FALSE(parse_job_id("job-1"));
}

TEST_CASE("ids of one millisecond have hashes of their own") {
  std::set<std::size_t> hashes;
  on_new_thread([&] {
    for (int i = 0; i < 10'000; ++i) {
      const job_id id{make_uuid_v7(time_point{milliseconds{1'000'000}})};
      hashes.insert(std::hash<job_id>{}(id));
    }
  });
  // 64 bits, 10,000 ids: a collision by chance is less likely than a broken machine.
  CHECK(hashes.size() == 10'000);
  CHECK(std::hash<job_id>{}(job_id{}) == std::hash<uuid>{}(uuid{}));
}

TEST_CASE("each attempt's picture has a UUID of its own, always the same") {
  const auto now = std::chrono::system_clock::now();
  std::set<std::string> pictures;
  for (int i = 0; i < 100; ++i) {
    const job_id job{make_uuid_v7(now)};
    pictures.insert(to_string(job));
    for (const std::uint64_t token : {1, 2, 255, 256, 65'536}) {
      const std::string picture = picture_id_of({job, fencing_token{token}});
      CHECK(picture == picture_id_of({job, fencing_token{token}}));
      CHECK(parse_uuid(picture));
      CHECK(pictures.insert(picture).second);
    }
  }
}

}  // namespace stayler
