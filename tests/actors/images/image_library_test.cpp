// SPDX-License-Identifier: MIT

// An image is there whole or not at all, whichever step of its storing fails.

#include "actors/images/image_library.hpp"

#include "actors/storage/blob_store_io.hpp"
#include "actors/storage/record_io.hpp"
#include "actors/support/reply_promise.hpp"
#include "messages/base/uuid.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"
#include "tests/support/catch.hpp"

namespace stayler::test {

namespace {

/// Answers nothing until the test does.
class fake_image_source final : public adapters::image_source {
 public:
  std::vector<std::pair<std::string, completion>> asked;

  void fetch(const std::string& url, completion done) override {
    asked.emplace_back(url, std::move(done));
  }
};

struct library : fixture {
  std::shared_ptr<fake_blob_store> blobs = std::make_shared<fake_blob_store>();
  std::shared_ptr<fake_record_store> rows = std::make_shared<fake_record_store>();
  blob_store_actor blob_actor = spawn(actors::blob_store, actors::blob_store_options{blobs});
  record_io_actor row_actor = spawn(actors::record_io, actors::record_io_options{rows});
  image_library_actor images = spawn_library(blob_actor, row_actor);

  image_library_actor spawn_library(
      const blob_store_actor& blob_hdl, const record_io_actor& row_hdl
  ) {
    return spawn(actors::image_library, actors::image_library_options{blob_hdl, row_hdl, clock()});
  }

  static new_image picture(std::string id = {}) {
    new_image image;
    image.id = std::move(id);
    image.user_id = "u1";
    image.type = "result";
    image.file_name = "me.png";
    image.content.picture = {bytes_of("abc"), {image_format::png, 30, 40}};
    image.content.thumbnail = {bytes_of("t"), {image_format::jpeg, 3, 4}};
    return image;
  }

  result<stored_part> fetch_part(const std::string& id, std::uint64_t offset, std::uint64_t count) {
    return call<stored_part>(images, fetch_atom_v, id, offset, count);
  }

  result<stored_part> thumbnail(const std::string& id) {
    return call<stored_part>(images, thumbnail_atom_v, id, std::uint64_t{0}, std::uint64_t{100});
  }

  result<image_record> store(const new_image& image) {
    return call<image_record>(images, store_atom_v, image);
  }
};

}  // namespace

TEST_CASE_METHOD(library, "a stored image has a row that says all there is to say") {
  const auto row = store(picture("i1")).value();
  CHECK(row.id == "i1");
  CHECK(row.user_id == "u1");
  CHECK(row.type == "result");
  CHECK(row.file_name == "me.png");
  CHECK(row.blob_key == "images/i1.png");
  CHECK(row.thumbnail_key == "images/i1-thumb.jpg");
  CHECK(row.bytes == 3);
  CHECK(row.mime_type == "image/png");
  CHECK(row.width == 30);
  CHECK(row.height == 40);
  CHECK(row.checksum == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(row.created_at == now());
  CHECK(rows->images.at("i1") == row);
  CHECK(text_of(blobs->blobs.at("images/i1.png")) == "abc");
  CHECK(text_of(blobs->blobs.at("images/i1-thumb.jpg")) == "t");
}

TEST_CASE_METHOD(library, "an image without an id gets a UUID of its own") {
  const auto first = store(picture()).value();
  const auto second = store(picture()).value();
  CHECK(parse_uuid(first.id));
  CHECK(first.id < second.id);
  CHECK(blobs->blobs.size() == 4);
}

TEST_CASE_METHOD(library, "an image may come without a thumbnail, but not without bytes") {
  auto image = picture("i1");
  image.content.thumbnail = {};
  CHECK(store(image).value().thumbnail_key.empty());
  CHECK(blobs->blobs.size() == 1);
  CHECK(thumbnail("i1").error().kind == error_class::not_found);

  image.content.picture.bytes = bytes_of("");
  CHECK(store(image).error().kind == error_class::invalid_input);
  image.content.picture.bytes = nullptr;
  CHECK(store(image).error().kind == error_class::invalid_input);
}

TEST_CASE_METHOD(library, "an image comes back with its row, its thumbnail with its own type") {
  const auto row = store(picture("i1")).value();
  const std::string id{"i1"};
  CHECK(call<image_record>(images, find_atom_v, id).value() == row);
  const auto whole = call<stored_image>(images, fetch_atom_v, id).value();
  CHECK(whole.record == row);
  CHECK(text_of(whole.bytes) == "abc");
  const auto small = thumbnail(id).value();
  CHECK(text_of(small.content.bytes) == "t");
  CHECK(small.content.total_bytes == 1);
  CHECK(small.record.mime_type == "image/jpeg");
  CHECK(small.record.checksum == row.checksum);
}

TEST_CASE_METHOD(library, "a part of an image comes with its row and the size of the whole") {
  const auto row = store(picture("i1")).value();
  const auto part = fetch_part("i1", 1, 1).value();
  CHECK(part.record == row);
  CHECK(text_of(part.content.bytes) == "b");
  CHECK(part.content.total_bytes == 3);
  CHECK(text_of(fetch_part("i1", 2, 9).value().content.bytes) == "c");
  CHECK(fetch_part("i1", 0, 0).value().content.bytes->empty());
  blobs->fail("get_part");
  CHECK(fetch_part("i1", 0, 1).error().kind == error_class::unavailable);
  CHECK(fetch_part("nobody", 0, 1).error().kind == error_class::not_found);
}

TEST_CASE_METHOD(library, "an id that nobody knows is not found, whatever is asked") {
  const std::string id{"nobody"};
  CHECK(call<image_record>(images, find_atom_v, id).error().kind == error_class::not_found);
  CHECK(call<stored_image>(images, fetch_atom_v, id).error().kind == error_class::not_found);
  CHECK(thumbnail(id).error().kind == error_class::not_found);
  CHECK(call<unit_value>(images, remove_atom_v, id).error().kind == error_class::not_found);
}

TEST_CASE_METHOD(library, "a picture at a URL comes from its source, and is not kept") {
  const auto web = std::make_shared<fake_image_source>();
  actors::image_library_options options{blob_actor, row_actor, clock()};
  options.web = web;
  const auto with_web = spawn(actors::image_library, options);
  const std::string url{"https://cdn.example.com/a.png"};

  const auto first = ask<stored_image>(with_web, download_atom_v, url);
  const auto second = ask<stored_image>(with_web, download_atom_v, url + "?2");
  REQUIRE(web->asked.size() == 2);
  CHECK(web->asked[0].first == url);
  web->asked[1].second(failure{error_class::not_found, "answered 404"});
  web->asked[0].second(encoded_image{bytes_of("abc"), {image_format::png, 30, 40}});
  run();
  CHECK(second.answer().error() == failure{error_class::not_found, "answered 404"});
  CHECK(text_of(first.answer().value().bytes) == "abc");
  CHECK(first.answer().value().record.mime_type == "image/png");
  CHECK(first.answer().value().record.width == 30);
  CHECK(blobs->calls.empty());
  CHECK(rows->calls.empty());

  const auto lost = ask<stored_image>(with_web, download_atom_v, url);
  kill(with_web);
  CHECK(lost.answer().error().kind == error_class::unavailable);
  web->asked[2].second(failure{error_class::not_found, "too late"});
}

TEST_CASE_METHOD(library, "without a source no URL is fetched, and a URL is no image's id") {
  const std::string url{"https://cdn.example.com/a.png"};
  CHECK(
      call<stored_image>(images, download_atom_v, url).error().kind == error_class::invalid_input
  );
  CHECK(call<stored_image>(images, fetch_atom_v, url).error().kind == error_class::not_found);
}

TEST_CASE_METHOD(library, "where the row cannot be written, the blobs go again") {
  rows->fail("put_image");
  const auto answer = store(picture(GENERATE("", "i1")));
  CHECK(answer.error().message == "put_image was made to fail");
  CHECK(blobs->blobs.empty());
}

TEST_CASE_METHOD(library, "where the database is away altogether, a new image leaves no blobs") {
  rows->fail("put_image");
  rows->fail("find_image");
  CHECK(store(picture()).error().kind == error_class::unavailable);
  CHECK(blobs->blobs.empty());
}

TEST_CASE_METHOD(library, "where the thumbnail cannot be written, the picture goes again") {
  blobs->fail("put images/i1-thumb.jpg");
  CHECK(store(picture("i1")).error().kind == error_class::unavailable);
  CHECK(blobs->blobs.empty());
  CHECK(rows->images.empty());
}

TEST_CASE_METHOD(library, "a failed overwriting leaves the blobs that an earlier row speaks of") {
  const auto row = store(picture("i1")).value();
  rows->fail("put_image");
  CHECK_FALSE(store(picture("i1")));
  CHECK(call<stored_image>(images, fetch_atom_v, std::string{"i1"}).value().record == row);

  rows->fail("find_image");
  CHECK_FALSE(store(picture("i1")));
  CHECK(blobs->blobs.size() == 2);
}

TEST_CASE_METHOD(library, "the error of the row is answered even if the blobs cannot be removed") {
  rows->fail("put_image");
  blobs->fail("remove");
  CHECK(store(picture()).error().message == "put_image was made to fail");
}

TEST_CASE_METHOD(library, "an image that is stored twice under one id is there once") {
  REQUIRE(store(picture("i1")));
  auto again = picture("i1");
  again.content.picture.bytes = bytes_of("abcd");
  CHECK(store(again).value().bytes == 4);
  CHECK(rows->images.size() == 1);
  CHECK(blobs->blobs.size() == 2);
}

TEST_CASE_METHOD(library, "a removed image is gone with its thumbnail, the row first") {
  REQUIRE(store(picture("i1")));
  blobs->calls.clear();
  REQUIRE(call<unit_value>(images, remove_atom_v, std::string{"i1"}));
  CHECK(rows->images.empty());
  CHECK(blobs->blobs.empty());

  REQUIRE(store(picture("i2")));
  rows->fail("remove_image");
  CHECK(
      call<unit_value>(images, remove_atom_v, std::string{"i2"}).error().kind
      == error_class::unavailable
  );
  CHECK(blobs->blobs.size() == 2);
}

TEST_CASE_METHOD(library, "a blob that cannot be removed is an error, but the others still go") {
  REQUIRE(store(picture("i1")));
  blobs->fail("remove images/i1-thumb.jpg");
  CHECK(
      call<unit_value>(images, remove_atom_v, std::string{"i1"}).error().message
      == "remove images/i1-thumb.jpg was made to fail"
  );
  CHECK(blobs->blobs.size() == 1);
}

TEST_CASE_METHOD(library, "a blob store that never answers ends in timeout, not in silence") {
  const auto mute = spawn_fake<blob_store_actor>([](caf::event_based_actor* self) -> caf::behavior {
    return {
        [self](store_atom, const std::string&, const shared_bytes&) {
          return self->make_response_promise();
        },
        [self](remove_atom, const std::string&) { return self->make_response_promise(); },
    };
  });
  const auto slow = spawn_library(mute, row_actor);
  const auto answer = ask<image_record>(slow, store_atom_v, picture("i1"));
  advance(std::chrono::seconds{29});
  CHECK_FALSE(answer.has_answer());
  // The picture's blob, then the removal of both.
  advance(std::chrono::seconds{62});
  CHECK(answer.answer().error().kind == error_class::timeout);
  CHECK(rows->images.empty());
}

TEST_CASE_METHOD(library, "a row whose writing timed out keeps its blobs, for it may yet come") {
  // Answers nothing to a write and does it all the same.
  const auto late =
      spawn_fake<record_io_actor>([this](caf::event_based_actor* self) -> caf::behavior {
        return {
            [self, this](record_atom, const image_record& row) {
              rows->images[row.id] = row;
              return self->make_response_promise();
            },
            [this](find_atom, const std::string& id) {
              return actors::to_caf_result(rows->find_image(id));
            },
        };
      });
  const auto slow = spawn_library(blob_actor, late);
  const auto answer = ask<image_record>(slow, store_atom_v, picture());
  advance(std::chrono::seconds{31});
  CHECK(answer.answer().error().kind == error_class::timeout);
  CHECK(rows->images.size() == 1);
  CHECK(blobs->blobs.size() == 2);
}

TEST_CASE_METHOD(library, "what waits in the library is answered when a part, or it, ends") {
  const auto mute = spawn_fake<blob_store_actor>([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](fetch_atom, const std::string&) { return self->make_response_promise(); }};
  });
  const auto slow = spawn_library(mute, row_actor);
  REQUIRE(store(picture("i1")));
  const auto answer = ask<stored_image>(slow, fetch_atom_v, std::string{"i1"});
  CHECK_FALSE(answer.has_answer());
  kill(slow);
  CHECK(answer.answer().error().kind == error_class::unavailable);

  kill(blob_actor);
  CHECK(store(picture("i2")).error().kind == error_class::unavailable);
}

}  // namespace stayler::test
