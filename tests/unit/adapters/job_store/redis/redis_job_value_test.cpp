// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_job_value.hpp"

#include "adapters/job_store/job_codec.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::adapters;

namespace {

using namespace std::string_literals;

/// 0x0102030405 ms since the epoch, as the script writes it.
const timestamp written_at{milliseconds{0x0102030405}};
const std::string then_bytes = "\x05\x04\x03\x02\x01\0\0\0"s;

redis_job make_value(job_status status) {
  redis_job made;
  made.version = 0x01020304;
  made.stored.value.id.value.bytes = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 255};
  made.stored.value.request.user_id = "ann";
  made.stored.value.request.priority = 7;
  made.stored.value.request.type = job_type::image_processing;
  made.stored.value.status = status;
  return made;
}

/// What the script makes of a value: it raises the version, and puts a record in front.
std::string with_record(std::string_view value, job_status status, const std::string& record) {
  std::string bytes{value};
  ++bytes[0];
  bytes[4] = static_cast<char>(status);
  return bytes.substr(0, 5) + record + bytes.substr(5);
}

}  // namespace

TEST_CASE("a job's value begins with its version and status, and ends with the job") {
  const redis_job plain = make_value(job_status::scheduled);
  CHECK(pack_redis_job(plain) == "\x04\x03\x02\x01\x01\0"s + encode_job(plain.stored.value));
  redis_job leased = make_value(job_status::processing);
  leased.stored.instance_id = "host";
  leased.stored.over = precedence::all_jobs;
  CHECK(
      pack_redis_job(leased)
      == "\x04\x03\x02\x01\x02S\x01\x04\0host\0"s + encode_job(leased.stored.value)
  );
}

TEST_CASE("a job is the same after it was stored in Redis") {
  redis_job leased = make_value(job_status::processing);
  leased.stored.instance_id = "host";
  leased.stored.over = precedence::all_jobs;
  const auto read = unpack_redis_job(pack_redis_job(leased));
  REQUIRE(read);
  CHECK(read->version == leased.version);
  CHECK(read->stored.value == leased.stored.value);
  CHECK(read->stored.instance_id == "host");
  CHECK(read->stored.over == precedence::all_jobs);
}

TEST_CASE("a record in front of a job says that it has become due") {
  redis_job scheduled = make_value(job_status::scheduled);
  const auto read =
      unpack_redis_job(with_record(pack_redis_job(scheduled), job_status::pending, "D" + then_bytes)
      );
  REQUIRE(read);
  make_due(scheduled.stored, written_at);
  CHECK(read->version == scheduled.version + 1);
  CHECK(read->stored.value == scheduled.stored.value);
  CHECK(read->stored.value.status == job_status::pending);
}

TEST_CASE("a record of a claim leases the job, in front of it or apart") {
  redis_job pending = make_value(job_status::pending);
  const std::string bytes = pack_redis_job(pending);
  const std::string record = "C" + then_bytes + "\x10\x27\0\0\0\0\0\0\x02\0w1\x04\0host"s;
  redis_job expected = pending;
  give_redis_lease(expected, "w1", "host", milliseconds{10'000}, written_at);
  CHECK(expected.version == pending.version + 1);
  CHECK(expected.stored.value.lease_expires_at == written_at + milliseconds{10'000});

  const auto read = unpack_redis_job(with_record(bytes, job_status::processing, record));
  REQUIRE(read);
  CHECK(read->version == expected.version);
  CHECK(read->stored.value == expected.stored.value);
  CHECK(read->stored.instance_id == "host");

  REQUIRE(replay_claim(pending, record));
  CHECK(pending.version == expected.version);
  CHECK(pending.stored.value == expected.stored.value);
}

TEST_CASE("records are replayed from the oldest to the latest, which is in front") {
  const redis_job scheduled = make_value(job_status::scheduled);
  const std::string due =
      with_record(pack_redis_job(scheduled), job_status::pending, "D" + then_bytes);
  const std::string claim = "C\x06"s + then_bytes.substr(1) + "\x01\0\0\0\0\0\0\0\x01\0w\x01\0h"s;
  const auto read = unpack_redis_job(with_record(due, job_status::processing, claim));
  REQUIRE(read);
  CHECK(read->version == scheduled.version + 2);
  CHECK(read->stored.value.status == job_status::processing);
  CHECK(read->stored.value.worker_id == "w");
  CHECK(read->stored.value.updated_at == written_at + milliseconds{1});
}

TEST_CASE("bytes that are cut off anywhere, or of another kind, are no job") {
  redis_job leased = make_value(job_status::processing);
  leased.stored.instance_id = "host";
  const std::string bytes = pack_redis_job(leased);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    CHECK_FALSE(unpack_redis_job(cut));
  }
  const auto unknown = unpack_redis_job(with_record(bytes, job_status::processing, "X\0\0\0"s));
  CHECK(unknown.error().kind == error_class::internal_bug);
  CHECK_FALSE(replay_claim(leased, "C" + then_bytes));
  CHECK_FALSE(replay_claim(leased, ""));
}

TEST_CASE("a lease that ends beyond all time, or before it begins, is none") {
  const std::string longest(7, '\xFF');
  const std::string named = "\x01\0w\x01\0h"s;
  redis_job pending = make_value(job_status::pending);
  for (const std::string& lease : {longest + "\x7F", longest + "\xFF"}) {
    const std::string record = "C" + then_bytes + lease + named;
    CHECK_FALSE(replay_claim(pending, record));
    CHECK_FALSE(
        unpack_redis_job(with_record(pack_redis_job(pending), job_status::processing, record))
    );
  }
  CHECK(pending.version == make_value(job_status::pending).version);
  CHECK(replay_claim(pending, "C"s + std::string(8, '\0') + longest + "\x7F" + named));
}

TEST_CASE("a flow is named by priority band, type and user") {
  redis_job waiting = make_value(job_status::pending);
  CHECK(redis_flow(waiting.stored) == "\x07\x01"s + "ann");
  waiting.stored.over = precedence::own_jobs;
  CHECK(redis_flow(waiting.stored) == "\x47\x01"s + "ann");
  waiting.stored.over = precedence::all_jobs;
  CHECK(redis_flow(waiting.stored) == "\xff\x01"s + "ann");
}

TEST_CASE("an id is its raw bytes, and too few bytes are none") {
  const job_id id = make_value(job_status::pending).stored.value.id;
  CHECK(redis_id(id).size() == 16);
  CHECK(redis_id_of(redis_id(id)) == id);
  CHECK(redis_id_of(redis_id(id) + "more") == id);
  CHECK(redis_id_of(redis_id(id).substr(1)).value.is_nil());
}

TEST_CASE("a digest stands for a user's text and names its bucket") {
  // The first twelve bytes of HMAC-SHA256 with the user as key, without the two highest bits.
  CHECK(redis_digest("ann", "conversion") == "\x36" "\x6f" "\x57" "\xb0" "\xbd" "\xaf" "\xfb" "\x7b" "\xf4" "\x32" "\x3b" "\x93"s);
  CHECK(redis_digest("bob", "conversion") != redis_digest("ann", "conversion"));
  CHECK(redis_digest("ann", "").empty());
  for (int i = 0; i < 100; ++i) {
    const std::string digest = redis_digest("ann", std::to_string(i));
    CHECK(digest.size() == 12);
    CHECK(static_cast<unsigned char>(digest[0]) < 0x40);
  }
}
