// SPDX-License-Identifier: MIT

// That the same request has the same key, and that no other has it.
#include "adapters/result_cache/result_key.hpp"

#include "tests/support/catch.hpp"

#include <functional>
#include <set>
#include <span>

using namespace stayler;
using adapters::make_result_key;

namespace {

encoded_image image_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()), {}};
}

generation_request sample_request() {
  generation_request request;
  request.prompt = "wear it";
  request.images = {image_of("person"), image_of("garment")};
  request.aspect_ratio = "3:4";
  request.image_size = "2K";
  return request;
}

}  // namespace

TEST_CASE("the key is the SHA-256 that others compute for the documented encoding") {
  // printf 'stayler result key 1'; then, each behind its length as 8 bytes: the model "m", the
  // prompt "p", two empty texts; the number of images, 1; and the image "i".
  generation_request request;
  request.prompt = "p";
  request.images = {image_of("i")};
  CHECK(
      to_string(make_result_key(request, "m"))
      == "c053aefc7a3f33e6b7bea23a5934bdd364d7e4430e5d9bb4b06be755c4effe2a"
  );
}

TEST_CASE("the same content has the same key, whoever asks and however long they wait") {
  const auto key = make_result_key(sample_request(), "model");
  CHECK(make_result_key(sample_request(), "model") == key);
  auto other = sample_request();
  other.attempt.token = fencing_token{7};
  other.deadline = milliseconds{5};
  CHECK(make_result_key(other, "model") == key);
}

TEST_CASE("in the scope of a user nobody's key is another's") {
  const auto key_of = [](const std::string& user) {
    auto request = sample_request();
    request.user_id = user;
    return make_result_key(request, "model", adapters::result_scope::user);
  };
  CHECK(key_of("ann") == key_of("ann"));
  CHECK(key_of("ann") != key_of("bob"));
  CHECK(key_of("") != make_result_key(sample_request(), "model"));
}

TEST_CASE("whatever changes in a request changes its key") {
  const std::vector<std::function<void(generation_request&)>> changes{
      [](auto&) {},
      [](auto& r) { r.prompt += '.'; },
      [](auto& r) { r.prompt.clear(); },
      [](auto& r) { r.aspect_ratio = "4:3"; },
      [](auto& r) { r.image_size = "1K"; },
      [](auto& r) { std::swap(r.aspect_ratio, r.image_size); },
      [](auto& r) { r.images[0] = image_of("Person"); },
      [](auto& r) { std::swap(r.images[0], r.images[1]); },
      [](auto& r) { r.images.pop_back(); },
      [](auto& r) { r.images.push_back(r.images[1]); },
      [](auto& r) { r.images.push_back(image_of("")); },
      [](auto& r) { r.images.clear(); },
  };
  std::set<content_hash> keys;
  for (const auto& change : changes) {
    auto request = sample_request();
    change(request);
    keys.insert(make_result_key(request, "model"));
    keys.insert(make_result_key(request, "model-2"));
  }
  CHECK(keys.size() == 2 * changes.size());
}

TEST_CASE("what stands at the end of one part is not taken for the beginning of the next") {
  std::set<content_hash> keys;
  const std::string text = "abcdefgh";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t j = i; j <= text.size(); ++j) {
      generation_request request;
      request.prompt = text.substr(0, i);
      request.images = {image_of(text.substr(i, j - i)), image_of(text.substr(j))};
      keys.insert(make_result_key(request, ""));
    }
    generation_request request;
    request.aspect_ratio = text.substr(0, i);
    request.image_size = text.substr(i);
    keys.insert(make_result_key(request, ""));
    request.aspect_ratio.clear();
    request.prompt = text.substr(0, i);
    if (i > 0) {
      keys.insert(make_result_key(request, ""));
      keys.insert(make_result_key({}, text.substr(0, i)));
    }
  }
  // 45 ways to cut the text in three, 9 + 8 in two, 8 beginnings of it.
  CHECK(keys.size() == 45 + 9 + 8 + 8);
}

TEST_CASE("a hash is spelt in lower-case hex, and read back from nothing else") {
  content_hash hash;
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    hash.bytes[i] = static_cast<std::uint8_t>(i * 9);
  }
  const auto text = to_string(hash);
  CHECK(text == "0009121b242d363f48515a636c757e879099a2abb4bdc6cfd8e1eaf3fc050e17");
  CHECK(parse_content_hash(text) == hash);
  CHECK_FALSE(parse_content_hash(text.substr(1)));
  CHECK_FALSE(parse_content_hash(text + "0"));
  CHECK_FALSE(parse_content_hash("G" + text.substr(1)));
  CHECK_FALSE(parse_content_hash("A" + text.substr(1)));
  CHECK_FALSE(parse_content_hash(""));
}
