// SPDX-License-Identifier: MIT

// The folder cache: what it keeps and for how long, and that no damage on the disk ever passes for
// a picture.
#include "adapters/result_cache/result_cache.hpp"

#include "adapters/result_cache/folder_result_cache.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>
#include <span>
#include <sys/resource.h>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

class held_clock final : public wall_clock {
 public:
  [[nodiscard]] timestamp now() const override { return time; }

  timestamp time{milliseconds{1'767'225'600'000}};
};

content_hash key_of(std::uint8_t seed) {
  content_hash key;
  key.bytes.fill(seed);
  return key;
}

cached_result picture(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {
      std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), "image/png",
      "model-1", "u1"};
}

/// An entry of some thousand bytes, of which nine and a half fit in the fixture's cache.
cached_result large_picture(char mark) {
  return picture(std::string(1'000, mark));
}

const std::string one_key = "one:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string another_key = "another:HxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4=";

class cache_fixture {
 public:
  cache_fixture() { open(); }

  /// As another process would find the folder.
  void open() {
    cache.reset();
    auto opened =
        open_folder_result_cache(root(), limits, clock, encryption_keys::parse(keys).value());
    INFO((opened ? "" : opened.error().message));
    REQUIRE(opened);
    cache = std::move(*opened);
  }

  /// The picture as text; "miss" where there is none, or the error.
  std::string find(std::uint8_t seed) {
    const auto found = cache->find(key_of(seed));
    if (!found) {
      return found.error().message;
    }
    if (!*found) {
      return "miss";
    }
    const auto& bytes = *(**found).image;
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  void store_large(std::uint8_t seed) {
    clock->time += 1s;
    REQUIRE(cache->store(key_of(seed), large_picture(static_cast<char>(seed))));
  }

  bool holds_large(std::uint8_t seed) {
    clock->time += 1s;
    return find(seed) == std::string(1'000, static_cast<char>(seed));
  }

  [[nodiscard]] fs::path root() const { return folder.path() / "cache"; }
  [[nodiscard]] fs::path path_of(std::uint8_t seed) const {
    const auto name = to_string(key_of(seed));
    return root() / name.substr(0, 2) / name;
  }

  [[nodiscard]] std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator{root()}) {
      count += entry.is_directory() ? 0U : 1U;
    }
    return count;
  }

  temporary_folder folder;
  std::shared_ptr<held_clock> clock = std::make_shared<held_clock>();
  result_cache_limits limits{10'000, 1h};
  std::string keys;  ///< as WORKER_ENCRYPTION_KEYS; empty: nothing is encrypted
  std::unique_ptr<result_cache> cache;
};

std::string content_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void overwrite(const fs::path& path, const std::string& content) {
  std::ofstream{path, std::ios::binary} << content;
}

/// Restores the limit on open files at its end.
class no_more_files {
 public:
  no_more_files() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  no_more_files(const no_more_files&) = delete;
  no_more_files& operator=(const no_more_files&) = delete;
  ~no_more_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE_METHOD(cache_fixture, "what was stored is found as it was, until it is replaced") {
  CHECK(find(1) == "miss");
  REQUIRE(cache->store(key_of(1), picture("one")));
  const auto found = cache->find(key_of(1));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->mime_type == "image/png");
  CHECK((*found)->model_version == "model-1");
  CHECK(find(1) == "one");
  CHECK(find(2) == "miss");

  const auto before = cache->usage();
  CHECK(before.entries == 1);
  CHECK(before.bytes == fs::file_size(path_of(1)));
  REQUIRE(cache->store(key_of(1), picture("another")));
  CHECK(find(1) == "another");
  CHECK(cache->usage().entries == 1);
  CHECK(cache->usage().bytes == before.bytes + 4);
  CHECK(files() == 1);
}

TEST_CASE_METHOD(cache_fixture, "an entry without a picture is refused") {
  CHECK(cache->store(key_of(1), {}).error().kind == error_class::invalid_input);
  CHECK(cache->store(key_of(1), picture("")).error().kind == error_class::invalid_input);
  CHECK(cache->usage().entries == 0);
}

TEST_CASE_METHOD(cache_fixture, "the least recently used make room") {
  for (std::uint8_t seed = 1; seed <= 8; ++seed) {
    store_large(seed);
  }
  CHECK(holds_large(1));
  store_large(9);
  CHECK(cache->usage().entries == 9);
  store_large(10);
  CHECK(cache->usage().entries == 9);
  CHECK(cache->usage().bytes <= limits.max_bytes);
  CHECK(files() == 9);
  CHECK(find(2) == "miss");
  CHECK(holds_large(1));
  CHECK(holds_large(10));
}

TEST_CASE_METHOD(cache_fixture, "what is larger than the whole cache is not kept") {
  store_large(1);
  CHECK(cache->store(key_of(2), picture(std::string(10'000, 'x'))));
  CHECK(find(2) == "miss");
  CHECK(holds_large(1));
}

TEST_CASE_METHOD(cache_fixture, "an entry ends at its age, however often it was used") {
  REQUIRE(cache->store(key_of(1), picture("one")));
  clock->time += 1h - 1ms;
  REQUIRE(cache->store(key_of(2), picture("two")));
  CHECK(cache->purge());
  CHECK(find(1) == "one");
  open();
  CHECK(find(1) == "one");
  clock->time += 1ms;
  CHECK(find(1) == "miss");
  CHECK(files() == 1);
  clock->time += 1h;
  CHECK(cache->purge());
  CHECK(cache->usage().entries == 0);
  CHECK(cache->usage().bytes == 0);
  CHECK(files() == 0);
}

TEST_CASE_METHOD(cache_fixture, "an entry from the future is of unknown age, and so no entry") {
  REQUIRE(cache->store(key_of(1), picture("one")));
  clock->time -= 1s;
  CHECK(find(1) == "miss");
  CHECK(files() == 0);
}

TEST_CASE_METHOD(cache_fixture, "changed limits hold from the next purge on; 0 bytes is off") {
  for (std::uint8_t seed = 1; seed <= 5; ++seed) {
    store_large(seed);
  }
  cache->limit({3'500, 1h});
  CHECK(cache->purge());
  CHECK(cache->usage().entries == 3);
  CHECK(holds_large(5));
  CHECK(find(2) == "miss");
  cache->limit({0, 1h});
  CHECK(cache->purge());
  CHECK(files() == 0);
  CHECK(cache->store(key_of(1), picture("one")));
  CHECK(find(1) == "miss");
}

TEST_CASE_METHOD(cache_fixture, "the next process finds the entries, and the order of their use") {
  for (std::uint8_t seed = 1; seed <= 9; ++seed) {
    store_large(seed);
  }
  CHECK(holds_large(1));
  const auto before = cache->usage();
  open();
  CHECK(cache->usage().entries == before.entries);
  CHECK(cache->usage().bytes == before.bytes);
  store_large(10);
  CHECK(find(2) == "miss");
  CHECK(holds_large(1));
  CHECK(holds_large(9));
}

TEST_CASE_METHOD(cache_fixture, "what a killed process left is cleaned up, other files stay") {
  REQUIRE(cache->store(key_of(1), picture("one")));
  const auto whole = content_of(path_of(1));
  overwrite(path_of(1).string() + "~", whole.substr(0, 20));
  fs::create_directories(path_of(2).parent_path());
  overwrite(path_of(2), whole.substr(0, whole.size() - 1));
  fs::create_directories(path_of(3).parent_path());
  overwrite(path_of(3), "");
  overwrite(root() / "notes", "mine");
  overwrite(root() / to_string(key_of(4)), whole);
  open();
  CHECK(cache->usage().entries == 1);
  CHECK(find(1) == "one");
  CHECK(files() == 3);
  CHECK(content_of(root() / "notes") == "mine");
}

TEST_CASE_METHOD(cache_fixture, "a file with any byte changed, or cut, is a miss and removed") {
  REQUIRE(cache->store(key_of(1), picture("some picture")));
  const auto whole = content_of(path_of(1));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const bool is_cut : {true, false}) {
      INFO((is_cut ? "cut at " : "changed at ") << i);
      REQUIRE(cache->store(key_of(1), picture("some picture")));
      auto damaged = is_cut ? whole.substr(0, i) : whole;
      if (!is_cut) {
        damaged[i] = static_cast<char>(damaged[i] ^ 0x80);
      }
      overwrite(path_of(1), damaged);
      REQUIRE(find(1) == "miss");
      REQUIRE_FALSE(fs::exists(path_of(1)));
      // Found by the scan of the next start, it is no better.
      overwrite(path_of(1), damaged);
      open();
      REQUIRE(find(1) == "miss");
      REQUIRE_FALSE(fs::exists(path_of(1)));
    }
  }
  CHECK(cache->usage().entries == 0);
  CHECK(cache->usage().bytes == 0);
}

TEST_CASE_METHOD(cache_fixture, "one entry's file in the place of another's is a miss") {
  REQUIRE(cache->store(key_of(1), picture("one")));
  REQUIRE(cache->store(key_of(2), picture("two")));
  fs::copy_file(path_of(1), path_of(2), fs::copy_options::overwrite_existing);
  CHECK(find(2) == "miss");
  CHECK(find(1) == "one");
}

TEST_CASE_METHOD(cache_fixture, "a file that somebody has removed is a miss") {
  REQUIRE(cache->store(key_of(1), picture("one")));
  fs::remove_all(root());
  CHECK(find(1) == "miss");
  CHECK(cache->usage().entries == 0);
  CHECK(cache->store(key_of(1), picture("again")));
  CHECK(find(1) == "again");
}

TEST_CASE_METHOD(cache_fixture, "a file that cannot be opened for now is an error, and stays") {
  REQUIRE(cache->store(key_of(1), picture("one")));
  std::string found;
  void_result stored = ok();
  {
    const no_more_files limited;
    found = find(1);
    stored = cache->store(key_of(1), picture("another"));
  }
  CHECK(found == "cannot read " + path_of(1).string() + ": Too many open files");
  REQUIRE_FALSE(stored);
  CHECK(stored.error().kind == error_class::unavailable);
  CHECK(find(1) == "one");
}

TEST_CASE_METHOD(cache_fixture, "an entry that cannot be written is not there") {
  overwrite(path_of(1).parent_path(), "a file in the place of the folder");
  const auto stored = cache->store(key_of(1), picture("one"));
  REQUIRE_FALSE(stored);
  CHECK(stored.error().kind == error_class::unavailable);
  CHECK(find(1) == "miss");
  CHECK(cache->usage().entries == 0);
  CHECK(cache->store(key_of(2), picture("two")));
  CHECK(find(2) == "two");
}

TEST_CASE_METHOD(cache_fixture, "a write that the system cuts off leaves nothing behind") {
  child_process child{[&](int output) {
    const rlimit limit{500, 500};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto stored = cache->store(key_of(1), large_picture('x'));
    const std::string report = stored ? "stored" : stored.error().message;
    static_cast<void>(::write(output, report.data(), report.size()));
  }};
  CHECK(child.read_all() == "cannot write " + path_of(1).string() + "~: File too large");
  CHECK(files() == 0);
}

TEST_CASE_METHOD(cache_fixture, "a folder that cannot be made is an error with its name") {
  overwrite(folder.path() / "file", "x");
  const auto refused = open_folder_result_cache(folder.path() / "file" / "cache", limits, clock);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK_THAT(refused.error().message, Catch::Contains("file/cache"));
}

TEST_CASE_METHOD(cache_fixture, "with keys nothing of a picture is in its file") {
  keys = one_key;
  open();
  REQUIRE(cache->store(key_of(1), picture("secret pixels")));
  const std::string stored = content_of(path_of(1));
  CHECK(stored.find("secret") == std::string::npos);
  CHECK(stored.find("model-1") == std::string::npos);
  CHECK(cache->usage().bytes == stored.size());
  CHECK(find(1) == "secret pixels");
  open();
  CHECK(cache->usage().entries == 1);
  CHECK(find(1) == "secret pixels");
}

TEST_CASE_METHOD(cache_fixture, "an encrypted file that was changed or exchanged is a miss") {
  keys = one_key;
  open();
  const captured_stderr log;
  REQUIRE(cache->store(key_of(1), picture("one")));
  REQUIRE(cache->store(key_of(2), picture("two")));
  const std::string whole = content_of(path_of(1));
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    REQUIRE(cache->store(key_of(1), picture("one")));
    auto damaged = content_of(path_of(1));
    damaged[i] = static_cast<char>(damaged[i] ^ 0x80);
    overwrite(path_of(1), damaged);
    CHECK(find(1) == "miss");
  }
  REQUIRE(cache->store(key_of(1), picture("one")));
  overwrite(path_of(1), content_of(path_of(2)));
  CHECK(find(1) == "miss");
  CHECK(find(2) == "two");
  CHECK_THAT(log.text(), Catch::Contains("is not what was stored there"));
}

TEST_CASE_METHOD(
    cache_fixture, "entries that cannot be decrypted any more are removed at the start"
) {
  REQUIRE(cache->store(key_of(1), picture("plain")));
  keys = one_key + ",plain";
  open();
  CHECK(find(1) == "plain");
  REQUIRE(cache->store(key_of(2), picture("of one")));
  keys = another_key + "," + one_key;
  open();
  CHECK(files() == 1);
  CHECK(find(2) == "of one");
  keys = another_key;
  open();
  CHECK(files() == 0);
}

TEST_CASE_METHOD(cache_fixture, "what was made for a user's jobs goes with that user, also later") {
  auto of_ann = picture("one");
  of_ann.user_id = "ann";
  REQUIRE(cache->store(key_of(1), of_ann));
  REQUIRE(cache->store(key_of(2), picture("two")));
  REQUIRE(cache->store(key_of(3), of_ann));
  open();
  CHECK(cache->erase_user("ann").value() == 2);
  CHECK(cache->erase_user("ann").value() == 0);
  CHECK(find(1) == "miss");
  CHECK(find(2) == "two");
  CHECK(files() == 1);
}
