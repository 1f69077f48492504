// SPDX-License-Identifier: MIT

// The encrypting store over a folder: what a store promises, and what it finds out of files that
// somebody has changed.
#include "adapters/blob_store/encrypted_blob_store.hpp"

#include "adapters/blob_store/folder_blob_store.hpp"
#include "adapters/blob_store/reencryption.hpp"
#include "tests/integration/blob_store/blob_store_conformance.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

namespace fs = std::filesystem;

const std::string old_key = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string new_key = "new:HxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4=";

std::unique_ptr<blob_store> open_plain(const fs::path& root) {
  return open_folder_blob_store(root).value();
}

std::unique_ptr<blob_store> open(const fs::path& root, const std::string& keys) {
  return make_encrypted_blob_store(open_plain(root), encryption_keys::parse(keys).value());
}

std::string content_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write(const fs::path& file, const std::string& content) {
  std::ofstream{file, std::ios::binary} << content;
}

std::string whole(blob_store& store, const std::string& key) {
  return text_of(store.get(key));
}

std::string part(blob_store& store, const std::string& key, std::uint64_t offset) {
  const auto read = store.get_part(key, offset, 10);
  return text_of(read ? result<shared_bytes>{read->bytes} : result<shared_bytes>{read.error()});
}

/// Larger than a piece.
std::string picture() {
  std::string text;
  while (text.size() < 150'000) {
    text += std::to_string(text.size()) + " secret pixels ";
  }
  return text;
}

}  // namespace

TEST_CASE("an encrypting store is a blob store") {
  const temporary_folder folder;
  const auto store = open(folder.path(), old_key);
  check_reading_and_writing(*store);
  REQUIRE(store->remove("empty"));
  check_parts(*store);
  check_replacing(*store);
  check_visits(*store);
  check_bad_keys(*store);
  check_good_keys(*store);
  check_crowd(*store, 20);
}

TEST_CASE("nothing of a photo is in the file of an encrypted blob") {
  const temporary_folder folder;
  const auto store = open(folder.path(), old_key);
  REQUIRE(store->put("a", blob(picture())));
  CHECK(content_of(folder.path() / "a").find("secret") == std::string::npos);
  CHECK(whole(*store, "a") == picture());
  CHECK(part(*store, "a", 100'000) == picture().substr(100'000, 10));
  CHECK(store->get_part("a", 100'000, 10)->total_bytes == picture().size());
}

TEST_CASE("a file that was changed, cut off or exchanged is found out before any of it is served") {
  const temporary_folder folder;
  const auto store = open(folder.path(), old_key);
  REQUIRE(store->put("a", blob(picture())));
  REQUIRE(store->put("b", blob(picture())));
  const auto file = folder.path() / "a";
  const std::string stored = content_of(file);
  const captured_stderr log;

  std::string changed = stored;
  changed[100'000] ^= 1;
  write(file, changed);
  CHECK(whole(*store, "a") == "internal_bug");
  CHECK(part(*store, "a", 100'000) == "internal_bug");
  CHECK(part(*store, "a", 0) == picture().substr(0, 10));  // that piece is as it was

  write(file, stored.substr(0, 100'000));
  CHECK(whole(*store, "a") == "internal_bug");
  CHECK(part(*store, "a", 0) == "internal_bug");

  write(file, content_of(folder.path() / "b"));
  CHECK(whole(*store, "a") == "internal_bug");
  CHECK(part(*store, "a", 0) == "internal_bug");

  write(file, picture());
  CHECK(whole(*store, "a") == "internal_bug");
  CHECK(part(*store, "a", 0) == "internal_bug");
  CHECK(log.text().find("what is stored as a is not what was stored there") != std::string::npos);

  write(file, stored);
  CHECK(whole(*store, "a") == picture());
}

TEST_CASE("what was stored without encryption is read where the keys say so") {
  const temporary_folder folder;
  REQUIRE(open_plain(folder.path())->put("a", blob("plain")));
  const auto store = open(folder.path(), old_key + ",plain");
  CHECK(whole(*store, "a") == "plain");
  CHECK(part(*store, "a", 2) == "ain");
  REQUIRE(store->put("a", blob("encrypted")));
  CHECK(whole(*store, "a") == "encrypted");
  CHECK(whole(*open_plain(folder.path()), "a").starts_with("STAYLER"));
}

TEST_CASE("blobs of an earlier key are read while that key is there") {
  const temporary_folder folder;
  REQUIRE(open(folder.path(), old_key)->put("a", blob("one")));
  CHECK(whole(*open(folder.path(), new_key + "," + old_key), "a") == "one");
  const captured_stderr log;
  CHECK(whole(*open(folder.path(), new_key), "a") == "unavailable");
  CHECK(log.text().find("WORKER_ENCRYPTION_KEYS lacks the key") != std::string::npos);
}

TEST_CASE("a blob that another process has replaced is read with its own header") {
  const temporary_folder folder;
  const auto store = open(folder.path(), new_key + "," + old_key);
  const auto other = open(folder.path(), old_key);
  REQUIRE(store->put("a", blob("0123456789 first")));
  CHECK(part(*store, "a", 11) == "first");
  REQUIRE(other->put("a", blob("0123456789 second")));
  CHECK(part(*store, "a", 11) == "second");
}

TEST_CASE("re-encryption brings all blobs under the current key, and names what it cannot read") {
  const temporary_folder folder;
  const std::string all_keys = new_key + "," + old_key + ",plain";
  REQUIRE(open(folder.path(), old_key)->put("old", blob(picture())));
  REQUIRE(open(folder.path(), old_key)->put("a/lost", blob("x")));
  REQUIRE(open(folder.path(), new_key)->put("new", blob("new")));
  const auto plain = open_plain(folder.path());
  REQUIRE(plain->put("plain", blob("plain")));
  write(folder.path() / "a/lost", content_of(folder.path() / "old"));

  std::vector<std::string> reasons;
  const auto again = [&](const std::string& keys,
                         current_blobs of_current = current_blobs::passed_over) {
    return reencrypt(
        *plain, encryption_keys::parse(keys).value(), of_current,
        [&](const failure& why) { reasons.push_back(why.message); }
    );
  };
  const auto first = again(all_keys);
  REQUIRE(first);
  CHECK(first->seen == 4);
  CHECK(first->encrypted == 2);
  CHECK(first->failed == 1);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons.front().find("a/lost") != std::string::npos);

  const auto store = open(folder.path(), new_key);
  CHECK(whole(*store, "old") == picture());
  CHECK(whole(*store, "new") == "new");
  CHECK(whole(*store, "plain") == "plain");
  CHECK(again(all_keys)->encrypted == 0);

  // A blob of the current key that was changed is named where that is asked for.
  CHECK(again(all_keys, current_blobs::checked)->failed == 1);
  write(folder.path() / "new", content_of(folder.path() / "old"));
  CHECK(again(all_keys)->failed == 1);
  const auto checked = again(all_keys, current_blobs::checked);
  CHECK(checked->failed == 2);
  CHECK(checked->encrypted == 0);

  // Without "plain" what somebody has put there is not made to look like ours.
  REQUIRE(plain->put("planted", blob("planted")));
  CHECK(again(new_key)->failed == 2);
  CHECK(whole(*plain, "planted") == "planted");
}

TEST_CASE("a blob that is removed while it is re-encrypted does not come back") {
  /// Removes each blob when it has been read.
  class removing_store final : public blob_store {
   public:
    explicit removing_store(std::unique_ptr<blob_store> inner) : inner_(std::move(inner)) {}

    void_result put(const std::string& key, const shared_bytes& bytes) override {
      return inner_->put(key, bytes);
    }
    result<shared_bytes> get(const std::string& key) override { return inner_->get(key); }
    result<blob_part> get_part(const std::string& key, std::uint64_t offset, std::uint64_t count)
        override {
      auto part = inner_->get_part(key, offset, count);
      if (count > 1'000) {
        REQUIRE(inner_->remove(key));
      }
      return part;
    }
    result<bool> replace(
        const std::string& key, const shared_bytes& bytes, const std::string& version
    ) override {
      return inner_->replace(key, bytes, version);
    }
    void_result visit(const std::function<bool(const std::string&)>& each) override {
      return inner_->visit(each);
    }
    void_result remove(const std::string& key) override { return inner_->remove(key); }
    void_result probe() override { return inner_->probe(); }

   private:
    std::unique_ptr<blob_store> inner_;
  };

  const temporary_folder folder;
  REQUIRE(open(folder.path(), old_key)->put("a", blob("x")));
  removing_store store{open_plain(folder.path())};
  const auto keys = encryption_keys::parse(new_key + "," + old_key).value();
  const auto report = reencrypt(store, keys, current_blobs::passed_over, [](const failure&) {});
  REQUIRE(report);
  CHECK(report->gone == 1);
  CHECK(report->encrypted == 0);
  CHECK_FALSE(fs::exists(folder.path() / "a"));
}

TEST_CASE("without keys nothing encrypted is given out as a picture") {
  const temporary_folder folder;
  REQUIRE(open(folder.path(), old_key)->put("a", blob(picture())));
  const captured_stderr log;
  const auto store = open(folder.path(), "");
  CHECK(whole(*store, "a") == "unavailable");
  CHECK(part(*store, "a", 0) == "unavailable");
  REQUIRE(store->put("b", blob("plain")));
  CHECK(whole(*open_plain(folder.path()), "b") == "plain");
  CHECK(part(*store, "b", 1) == "lain");
}

TEST_CASE("a blob that is replaced keeps its owner and its rights") {
  const temporary_folder folder;
  const auto store = open_plain(folder.path());
  REQUIRE(store->put("a", blob("old")));
  const auto file = folder.path() / "a";
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  const bool is_root = ::geteuid() == 0;
  REQUIRE((!is_root || ::chown(file.c_str(), 65'534, 65'534) == 0));
  REQUIRE(store->replace("a", blob("new"), store->get_part("a", 0, 1)->version).value());
  struct stat after {};
  REQUIRE(::stat(file.c_str(), &after) == 0);
  CHECK((after.st_mode & 0777U) == 0640);
  CHECK((!is_root || after.st_uid == 65'534));
}
