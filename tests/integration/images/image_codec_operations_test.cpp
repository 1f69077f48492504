// SPDX-License-Identifier: MIT

// What the codec makes of a picture: results, thumbnails, and what the operations of a job ask for.
#include "adapters/image_codec/image_codec.hpp"
#include "adapters/image_codec/probe/image_probe.hpp"
#include "tests/integration/images/codec_fixture.hpp"

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

TEST_CASE("a small picture is never enlarged") {
  const auto codec = make_codec();
  const auto prepared = codec->prepare(share(jpeg(16, 12)));
  REQUIRE(prepared);
  CHECK(prepared->picture.info == image_info{image_format::jpeg, 16, 12});
  const auto finished = codec->finish(share(jpeg(16, 12)), image_format::jpeg, {});
  REQUIRE(finished);
  CHECK(finished->thumbnail.info == image_info{image_format::jpeg, 16, 12});
}

TEST_CASE("a provider's picture in the wanted format is stored as it came") {
  const auto source = share(jpeg(640, 480));
  const auto finished = make_codec()->finish(source, image_format::jpeg, {});
  REQUIRE(finished);
  CHECK(finished->picture.bytes == source);
  CHECK(finished->picture.info == image_info{image_format::jpeg, 640, 480});
  CHECK(finished->thumbnail.info == image_info{image_format::jpeg, 32, 24});
  CHECK(corners(finished->thumbnail) == as_painted);
}

TEST_CASE("a provider's picture is converted to the wanted format") {
  const auto codec = make_codec();
  for (const auto from : {image_format::jpeg, image_format::png, image_format::webp}) {
    for (const auto to : {image_format::jpeg, image_format::png, image_format::webp}) {
      const auto finished = codec->finish(share(picture(from)), to, {});
      REQUIRE(finished);
      CHECK(read_image_info(*finished->picture.bytes).value() == image_info{to, 64, 48});
      CHECK(corners(finished->picture) == as_painted);
    }
  }
}

TEST_CASE("transparency becomes white where the format has none, and stays where it has") {
  const auto codec = make_codec();
  const auto source = share(picture(image_format::png, true));
  const auto as_jpeg = codec->finish(source, image_format::jpeg, {});
  REQUIRE(as_jpeg);
  CHECK(corners(as_jpeg->picture) == quarters{"red", "green", "white", "white"});
  const auto as_webp = codec->finish(source, image_format::webp, {});
  REQUIRE(as_webp);
  CHECK_FALSE(is_opaque(*as_webp->picture.bytes));
}

TEST_CASE("operations are applied in order, and a thumbnail is always made") {
  const auto codec = make_codec();
  image_operation thumbnail;
  thumbnail.what = image_operation::kind::thumbnail;
  thumbnail.size = 20;
  const auto done = codec->transform(
      share(jpeg(640, 480)), {resize_to(100, 100, image_operation::fit_mode::cover), thumbnail,
                              convert_to(image_format::webp)}
  );
  REQUIRE(done);
  CHECK(done->picture.info == image_info{image_format::webp, 100, 100});
  CHECK(corners(done->picture) == as_painted);
  CHECK(done->thumbnail.info == image_info{image_format::jpeg, 20, 20});
  const auto untouched = codec->transform(share(jpeg()), {});
  REQUIRE(untouched);
  CHECK(untouched->picture.info == image_info{image_format::jpeg, 64, 48});
  CHECK(untouched->thumbnail.info == image_info{image_format::jpeg, 32, 24});
}

TEST_CASE("operations that make no sense are refused") {
  const auto refused =
      make_codec()->transform(share(jpeg()), {resize_to(0, 0, image_operation::fit_mode::fill)});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
}
