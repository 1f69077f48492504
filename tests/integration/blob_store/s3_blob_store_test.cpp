// SPDX-License-Identifier: MIT

// The S3 store against a server that verifies each signature, and that fails in the ways in which
// such stores fail.
#include "adapters/blob_store/s3_blob_store.hpp"

#include "tests/integration/blob_store/blob_store_conformance.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/s3_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>

namespace stayler::test {

namespace {

using namespace adapters;
using namespace std::chrono_literals;
using enum s3_fault::kind;

constexpr std::size_t mebibyte = 1024UL * 1024;

class skewed_clock final : public wall_clock {
 public:
  explicit skewed_clock(std::chrono::minutes by) : by_(by) {}
  [[nodiscard]] timestamp now() const override {
    return to_timestamp(std::chrono::system_clock::now()) + by_;
  }

 private:
  std::chrono::minutes by_;
};

s3_options options_for(const std::string& url) {
  s3_options options;
  options.where = parse_s3_url(url).value();
  options.credentials = make_fixed_credentials({s3_server::key_id, s3_server::secret});
  options.first_pause = 1ms;
  return options;
}

struct stored {
  s3_server server;
  std::unique_ptr<blob_store> store;

  explicit stored(s3_options (*change)(s3_options) = [](s3_options options) { return options; })
      : store(make_s3_blob_store(change(options_for(server.storage_url("live"))))) {}

  [[nodiscard]] long count(const std::string& call) const {
    const auto calls = server.calls();
    return std::count(calls.begin(), calls.end(), call);
  }
};

std::string large_text(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>('a' + i * 7 % 26 + i / mebibyte % 3);
  }
  return text;
}

}  // namespace

TEST_CASE("S3: a blob is read back as written, replaced and removed") {
  const stored s3;
  check_reading_and_writing(*s3.store);
  CHECK(s3.server.objects() == std::map<std::string, std::string>{{"live/empty", ""}});
}

TEST_CASE("S3: parts of a blob are read with the size and the version of the whole") {
  stored s3;
  check_parts(*s3.store);
  s3.server.ignore_ranges();
  check_parts(*s3.store);
}

TEST_CASE("S3: a blob is replaced where it is the one that was read, and no other comes back") {
  stored s3;
  check_replacing(*s3.store);
  REQUIRE(s3.store->put("large", blob(large_text(17 * mebibyte))));
  const auto version = s3.store->get_part("large", 0, 1).value().version;
  CHECK_FALSE(s3.store->replace("large", blob(large_text(18 * mebibyte)), "\"other\"").value());
  CHECK(s3.store->replace("large", blob(large_text(18 * mebibyte)), version).value());
  CHECK(s3.server.objects().at("live/large").size() == 18 * mebibyte);
  CHECK(s3.server.open_uploads() == 0);
}

TEST_CASE("S3: the store is asked to encrypt where the URL says so") {
  stored s3;
  const auto url = s3.server.storage_url("live") + "&encryption=aws:kms&kmsKey=alias/photos";
  const auto store = make_s3_blob_store(options_for(url));
  REQUIRE(store->put("small", blob("x")));
  REQUIRE(store->put("large", blob(large_text(17 * mebibyte))));
  CHECK(s3.server.encryption_of("live/small") == "aws:kms alias/photos");
  CHECK(s3.server.encryption_of("live/large") == "aws:kms alias/photos");
  REQUIRE(s3.store->put("small", blob("x")));
  CHECK(s3.server.encryption_of("live/small").empty());
}

TEST_CASE("S3: all keys that hold something can be visited, page by page") {
  stored s3;
  check_visits(*s3.store);
  const auto other = make_s3_blob_store(options_for(s3.server.storage_url("other")));
  REQUIRE(other->put("not-ours", blob("x")));
  check_visits(*s3.store);
}

TEST_CASE("S3: a part that is all there is is checked against the checksum") {
  stored s3;
  REQUIRE(s3.store->put("a", blob("0123456789")));
  s3.server.overwrite("live/a", "damaged...");
  CHECK(s3.store->get_part("a", 0, 10).error().kind == error_class::unavailable);
  CHECK(s3.store->get_part("a", 0, 100).error().kind == error_class::unavailable);
  CHECK(s3.store->get_part("a", 0, 9));
}

TEST_CASE("S3: a key that breaks the rule is refused and touches nothing") {
  const stored s3;
  check_bad_keys(*s3.store);
  CHECK(s3.server.calls().empty());
  check_good_keys(*s3.store);
}

TEST_CASE("S3: readers beside writers see whole blobs") {
  const stored s3;
  check_crowd(*s3.store, 10);
  CHECK(s3.server.objects().size() == 1);
}

TEST_CASE("S3: a large blob goes in parts and comes back whole") {
  stored s3;
  const auto size = GENERATE(16 * mebibyte, 16 * mebibyte + 1, 24 * mebibyte, 24 * mebibyte + 5);
  const std::string text = large_text(size);
  REQUIRE(s3.store->put("large", blob(text)));
  const auto found = s3.store->get("large");
  REQUIRE(found);
  CHECK((text_of(found) == text));
  const bool is_in_parts = size > 16 * mebibyte;
  CHECK(s3.count("POST live/large?uploads=") == (is_in_parts ? 1 : 0));
  CHECK(s3.count("PUT live/large") == (is_in_parts ? 0 : 1));
  CHECK(s3.server.open_uploads() == 0);
}

TEST_CASE("S3: an upload in parts that fails is aborted and leaves nothing") {
  stored s3;
  const auto call = GENERATE(
      as<std::string>{}, "PUT live/large?partNumber=3",
      "POST live/large?uploadId=", "POST live/large?uploads="
  );
  s3.server.fail({refuse, call, 100, 400, "EntityTooLarge"});
  const auto refused = s3.store->put("large", blob(large_text(20 * mebibyte)));
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().message.ends_with(": 400 EntityTooLarge"));
  CHECK(s3.server.open_uploads() == 0);
  CHECK(s3.server.objects().empty());
}

TEST_CASE("S3: an upload whose completion was done but not answered is not a failure") {
  stored s3;
  s3.server.fail({forget, "POST live/large?uploadId=", 1});
  REQUIRE(s3.store->put("large", blob(large_text(17 * mebibyte))));
  CHECK(s3.count("HEAD live/large") == 1);
  CHECK(s3.server.objects().at("live/large").size() == 17 * mebibyte);
}

TEST_CASE("S3: what passes is tried again, what does not pass is not") {
  stored s3;
  REQUIRE(s3.store->put("a", blob("old")));
  SECTION("SlowDown twice, then well") {
    s3.server.fail({refuse, "PUT", 2});
    CHECK(s3.store->put("a", blob("new")));
    CHECK(s3.count("PUT live/a") == 4);
  }
  SECTION("a connection that is reset, then one that is cut off") {
    s3.server.fail({reset, "GET"});
    s3.server.fail({truncate, "GET"});
    CHECK(text_of(s3.store->get("a")) == "old");
    CHECK(s3.count("GET live/a") == 3);
  }
  SECTION("a write that was done without an answer") {
    s3.server.fail({forget, "PUT"});
    CHECK(s3.store->put("a", blob("new")));
    CHECK(text_of(s3.store->get("a")) == "new");
  }
  SECTION("SlowDown without end") {
    s3.server.fail({refuse, "GET", 100});
    const auto refused = s3.store->get("a");
    CHECK(refused.error().kind == error_class::unavailable);
    CHECK(refused.error().message == "S3 GET a: 503 SlowDown");
    CHECK(s3.count("GET live/a") == 4);
  }
  SECTION("a refusal") {
    s3.server.fail({refuse, "", 100, 403, "AccessDenied"});
    const auto refused = s3.store->put("a", blob("new")).error();
    CHECK(refused.kind == error_class::unavailable);
    CHECK(refused.message == "S3 PUT a: 403 AccessDenied: the key lacks a right");
    CHECK(s3.store->get("a").error().kind == error_class::unavailable);
    CHECK(s3.store->remove("a").error().kind == error_class::unavailable);
    CHECK(s3.store->probe().error().kind == error_class::unavailable);
    CHECK(s3.server.calls().size() == 5);
  }
}

TEST_CASE("S3: bytes that are not those that were written are not handed out") {
  stored s3;
  REQUIRE(s3.store->put("a", blob("the picture")));
  SECTION("changed on their way, once") {
    s3.server.fail({corrupt, "GET"});
    CHECK(text_of(s3.store->get("a")) == "the picture");
  }
  SECTION("changed where they are kept") {
    s3.server.overwrite("live/a", "the pictore");
    const auto found = s3.store->get("a");
    CHECK(found.error().kind == error_class::unavailable);
    CHECK(found.error().message == "S3 GET a: the bytes do not match their checksum");
  }
  SECTION("changed on their way there") {
    s3.server.fail({refuse, "PUT", 1, 400, "XAmzContentSHA256Mismatch"});
    CHECK(s3.store->put("a", blob("another")));
  }
}

TEST_CASE("S3: a wrong key is an outage with its reason, tried once, and no secret is told") {
  stored s3{[](s3_options options) {
    options.credentials = GENERATE(0, 1) == 0
                              ? make_fixed_credentials({s3_server::key_id, "another-secret"})
                              : make_fixed_credentials({"AKIDOTHER", s3_server::secret});
    return options;
  }};
  const auto refused = s3.store->put("a", blob("x"));
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().message.starts_with("S3 PUT a: 403 "));
  CHECK(refused.error().message.ends_with("does not know this key, or it is another one there"));
  CHECK(refused.error().message.find("secret") == std::string::npos);
  CHECK(s3.server.objects().empty());
}

TEST_CASE("S3: a clock that is wrong is told by how much, and is an outage until it is set") {
  const int minutes = GENERATE(20, -20);
  s3_server server;
  auto options = options_for(server.storage_url());
  options.clock = std::make_shared<skewed_clock>(std::chrono::minutes{minutes});
  const auto refused = make_s3_blob_store(options)->put("a", blob("x"));
  CHECK(refused.error().kind == error_class::unavailable);
  const std::string& told = refused.error().message;
  INFO(told);
  CHECK(told.starts_with("S3 PUT a: 403 RequestTimeTooSkewed: this machine's clock is "));
  const bool is_ahead = minutes > 0;
  CHECK(told.ends_with(
      is_ahead ? " 20 minutes ahead of the store's" : " 20 minutes behind the store's"
  ));
}

TEST_CASE("S3: an endpoint may have a path, which is signed, and a host in capitals") {
  const s3_server server{"127.0.0.1", "/storage/v1/s3"};
  const std::string port = std::to_string(server.port());
  for (const std::string& endpoint :
       {"http://127.0.0.1:" + port + "/storage/v1/s3",
        "http://127.0.0.1:" + port + "/storage/v1/s3/",
        "http%3A%2F%2Flocalhost%3A" + port + "%2Fstorage%2Fv1%2Fs3",
        "http://LocalHost:" + port + "/storage/v1/s3"}) {
    INFO(endpoint);
    const auto store = make_s3_blob_store(options_for("s3://pictures/live?endpoint=" + endpoint));
    REQUIRE(store->put("a", blob("x")));
    CHECK(text_of(store->get("a")) == "x");
    CHECK(store->remove("a"));
  }
}

TEST_CASE("S3: a store that does not answer costs its time and no more") {
  stored s3{[](s3_options options) {
    options.try_timeout = 100ms;
    options.call_timeout = 350ms;
    options.probe_timeout = 200ms;
    return options;
  }};
  s3.server.fail({hang, "", 100});
  const auto begun = std::chrono::steady_clock::now();
  CHECK(s3.store->get("a").error().kind == error_class::unavailable);
  CHECK(s3.store->probe().error().kind == error_class::unavailable);
  CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("S3: a slow call does not keep the others waiting") {
  stored s3;
  REQUIRE(s3.store->put("a", blob("x")));
  s3.server.fail({hang, "GET live/slow", 1});
  auto slow = std::async(std::launch::async, [&s3] { return s3.store->get("slow"); });
  while (s3.count("GET live/slow") == 0) {
    std::this_thread::yield();
  }
  const auto begun = std::chrono::steady_clock::now();
  CHECK(text_of(s3.store->get("a")) == "x");
  CHECK(std::chrono::steady_clock::now() - begun < 5s);
  CHECK(slow.wait_for(0s) == std::future_status::timeout);
  CHECK(text_of(slow.get()) == "not_found");
}

TEST_CASE("S3: a server that is away is unavailable, and works again when it is back") {
  auto server = std::make_unique<s3_server>();
  const auto store = make_s3_blob_store(options_for(server->storage_url()));
  REQUIRE(store->put("a", blob("x")));
  const auto check_away = [&store] {
    for (const auto kind :
         {store->put("a", blob("x")).error().kind, store->get("a").error().kind,
          store->remove("a").error().kind, store->probe().error().kind}) {
      CHECK(kind == error_class::unavailable);
    }
  };
  server->fail({reset, "", 1'000});
  check_away();
  server->heal();
  CHECK(store->put("a", blob("y")));
  CHECK(text_of(store->get("a")) == "y");
  server.reset();
  check_away();
}

TEST_CASE("S3: a store from elsewhere keeps the same promises", "[external]") {
  const char* url = std::getenv("STAYLER_TEST_S3_URL");
  if (url == nullptr) {
    WARN("not tried, for STAYLER_TEST_S3_URL names no store; docs/deployment.md says how");
    return;
  }
  auto options = options_for(url);
  const char* token = std::getenv("STAYLER_TEST_S3_TOKEN");
  const aws_credentials key{
      std::getenv("STAYLER_TEST_S3_KEY_ID"), std::getenv("STAYLER_TEST_S3_SECRET"),
      token == nullptr ? "" : token};
  options.credentials = make_fixed_credentials(key);
  const auto store = make_s3_blob_store(options);
  check_reading_and_writing(*store);
  check_good_keys(*store);
  check_parts(*store);
  check_replacing(*store);
  check_visits(*store);
  check_crowd(*store, 5);
  const std::string text = large_text(17 * mebibyte);
  REQUIRE(store->put("large", blob(text)));
  CHECK((text_of(store->get("large")) == text));
  REQUIRE(store->remove("large"));
  options.credentials =
      make_fixed_credentials({key.access_key_id, key.secret_access_key + "x", key.session_token});
  CHECK(make_s3_blob_store(options)->get("empty").error().kind == error_class::unavailable);
}

}  // namespace stayler::test
