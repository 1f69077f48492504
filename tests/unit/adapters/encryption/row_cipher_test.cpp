// SPDX-License-Identifier: MIT

#include "adapters/encryption/row_cipher.hpp"

#include "tests/support/catch.hpp"

#include <set>
#include <string>

using namespace stayler;
using namespace stayler::adapters;

namespace {

/// Keys of these ids, one letter each.
encryption_keys row_keys(const std::string& ids, const std::string& more = "") {
  std::string list;
  for (const char id : ids) {
    std::string key(44, id);
    key.back() = '=';
    key[42] = 'A';
    list += (list.empty() ? "" : ",") + std::string{id} + ":" + key;
  }
  return encryption_keys::parse(list + more).value();
}

pseudonym_key fixed_key(unsigned char each = 5) {
  pseudonym_key key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<std::byte>(each + i);
  }
  return key;
}

row_cipher cipher_of(const std::string& ids) {
  return {row_keys(ids), fixed_key()};
}

template <class T>
std::string outcome_of(const result<T>& read) {
  return read ? "read" : std::string{to_string(read.error().kind)};
}

}  // namespace

TEST_CASE("a row's content is read where it was written, and is another text each time") {
  const row_cipher cipher = cipher_of("a");
  for (const std::string& content :
       {std::string{}, std::string{"in red"}, std::string(3'000, 'x')}) {
    const std::string stored = cipher.encrypt("job 1", content);
    CHECK(cipher.decrypt("job 1", stored).value() == content);
    CHECK(stored != cipher.encrypt("job 1", content));
    CHECK(is_encrypted_content(stored));
    CHECK((content.empty() || stored.find(content) == std::string::npos));
  }
}

TEST_CASE("a content of which any byte was changed, cut off or added is found out") {
  const row_cipher cipher = cipher_of("a");
  const std::string stored = cipher.encrypt("job 1", "in red");
  for (std::size_t i = 0; i < stored.size(); ++i) {
    INFO(i);
    std::string changed = stored;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(cipher.decrypt("job 1", changed));
    CHECK_FALSE(cipher.decrypt("job 1", stored.substr(0, i)));
  }
  CHECK_FALSE(cipher.decrypt("job 1", stored + "x"));
  CHECK(outcome_of(cipher.decrypt("job 1", "in red")) == "internal_bug");
}

TEST_CASE("a content that was put in another place is found out, and named") {
  const row_cipher cipher = cipher_of("a");
  const auto moved = cipher.decrypt("job 2", cipher.encrypt("job 1", "in red"));
  REQUIRE_FALSE(moved);
  CHECK(moved.error().kind == error_class::internal_bug);
  CHECK(moved.error().message.find("what is stored as job 2 is not") != std::string::npos);
}

TEST_CASE("contents under any of the keys are read, those of a key that is gone are unavailable") {
  const std::string old = cipher_of("a").encrypt("job 1", "in red");
  const row_cipher both = cipher_of("ba");
  CHECK(both.decrypt("job 1", old).value() == "in red");
  CHECK_FALSE(both.is_current(old));
  const std::string fresh = both.encrypt("job 1", "in red");
  CHECK(both.is_current(fresh));
  CHECK(outcome_of(cipher_of("a").decrypt("job 1", fresh)) == "unavailable");
}

TEST_CASE("an id has one pseudonym of each kind, whatever the current key is, and is read from it"
) {
  const row_cipher cipher = cipher_of("a");
  const std::string name = cipher.pseudonym("user", "ann");
  CHECK(name == cipher.pseudonym("user", "ann"));
  CHECK(name == cipher_of("ba").pseudonym("user", "ann"));
  CHECK(cipher.id_of("user", name).value() == "ann");
  const std::set<std::string> all{
      name, cipher.pseudonym("user", "bob"), cipher.pseudonym("conversion", "ann"),
      row_cipher{row_keys("a"), fixed_key(6)}.pseudonym("user", "ann")};
  CHECK(all.size() == 4);
  CHECK(cipher.pseudonym("user", "").empty());
  CHECK(cipher.id_of("user", "").value().empty());
  const std::string longest(1'024, 'i');
  CHECK(cipher.id_of("user", cipher.pseudonym("user", longest)).value() == longest);
}

TEST_CASE("what is no pseudonym of that kind, or was changed, is found out") {
  const row_cipher cipher = cipher_of("a");
  const std::string name = cipher.pseudonym("user", "ann");
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    std::string changed = name;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    INFO(changed);
    CHECK(outcome_of(cipher.id_of("user", changed)) == "internal_bug");
  }
  CHECK(outcome_of(cipher.id_of("conversion", name)) == "internal_bug");
  CHECK(outcome_of(cipher.id_of("user", "ann")) == "internal_bug");
}

TEST_CASE("without keys all is kept as it is, and what is encrypted is not taken for a content") {
  const row_cipher none;
  CHECK_FALSE(none.is_set());
  CHECK(none.encrypt("job 1", "in red") == "in red");
  CHECK(none.decrypt("job 1", "in red").value() == "in red");
  CHECK(none.pseudonym("user", "ann") == "ann");
  CHECK(none.id_of("user", "ann").value() == "ann");
  const std::string stored = cipher_of("a").encrypt("job 1", "in red");
  CHECK(outcome_of(none.decrypt("job 1", stored)) == "unavailable");
}

TEST_CASE("a cipher for contents alone takes plain ones where the keys do") {
  const auto strict = row_cipher::for_contents(row_keys("a"));
  CHECK(outcome_of(strict.decrypt("event", "plain text")) == "internal_bug");
  const auto lenient = row_cipher::for_contents(row_keys("a", ",plain"));
  CHECK(lenient.decrypt("event", "plain text").value() == "plain text");
  CHECK(lenient.decrypt("event", strict.encrypt("event", "in red")).value() == "in red");
  CHECK_FALSE(row_cipher::for_contents({}).is_set());
}

TEST_CASE("the key for pseudonyms is kept under the current key, and read with any") {
  const auto made = make_pseudonym_key();
  REQUIRE(made);
  CHECK(*made != make_pseudonym_key().value());
  const std::string kept = wrap_pseudonym_key(row_keys("a"), *made);
  CHECK(unwrap_pseudonym_key(row_keys("ba"), kept).value() == *made);
  CHECK(outcome_of(unwrap_pseudonym_key(row_keys("b"), kept)) == "unavailable");
  std::string changed = kept;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  CHECK(outcome_of(unwrap_pseudonym_key(row_keys("a"), changed)) == "internal_bug");
  CHECK(outcome_of(unwrap_pseudonym_key(row_keys("a"), "")) == "internal_bug");
  // A content of a row is no key, whatever its length.
  const std::string row = cipher_of("a").encrypt("job 1", std::string(64, 'k'));
  CHECK(outcome_of(unwrap_pseudonym_key(row_keys("a"), row)) == "internal_bug");
}
