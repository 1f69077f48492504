// SPDX-License-Identifier: MIT
#include "adapters/s3/s3_url.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

TEST_CASE("a storage URL says where the objects are, for AWS and for others") {
  const auto aws = parse_s3_url("s3://photos?region=eu-central-1");
  REQUIRE(aws);
  CHECK(aws->base_url == "https://photos.s3.eu-central-1.amazonaws.com");
  CHECK(aws->host == "photos.s3.eu-central-1.amazonaws.com");
  CHECK(aws->path == "/");
  CHECK(aws->region == "eu-central-1");

  const auto with_path = parse_s3_url("s3://my.photos/a/b/?style=path");
  REQUIRE(with_path);
  CHECK(with_path->base_url == "https://s3.us-east-1.amazonaws.com");
  CHECK(with_path->path == "/my.photos/a/b/");

  const auto own = parse_s3_url("s3://photos/live?endpoint=http://minio:9000");
  REQUIRE(own);
  CHECK(own->base_url == "http://minio:9000");
  CHECK(own->host == "minio:9000");
  CHECK(own->path == "/photos/live/");
  CHECK(own->region == "us-east-1");

  const auto named = parse_s3_url("s3://photos?endpoint=https://s3.example.org:443/&style=virtual");
  REQUIRE(named);
  CHECK(named->base_url == "https://photos.s3.example.org");
  CHECK(named->host == "photos.s3.example.org");
}

TEST_CASE("an endpoint may have a path, be percent-encoded, and name its host in any case") {
  const auto with_path = parse_s3_url(
      "s3://photos/live?endpoint=https://x.storage.supabase.co/storage/v1/s3/&region=eu-west-1"
  );
  REQUIRE(with_path);
  CHECK(with_path->base_url == "https://x.storage.supabase.co");
  CHECK(with_path->host == "x.storage.supabase.co");
  CHECK(with_path->path == "/storage/v1/s3/photos/live/");

  const auto encoded = parse_s3_url("s3://photos?endpoint=https%3A%2F%2Fminio%3A9000%2Fbase");
  REQUIRE(encoded);
  CHECK(encoded->base_url == "https://minio:9000");
  CHECK(encoded->path == "/base/photos/");

  const auto capitals = parse_s3_url("s3://photos?endpoint=http://MinIO:9000&style=virtual");
  REQUIRE(capitals);
  CHECK(capitals->host == "photos.minio:9000");
  CHECK(capitals->path == "/");
}

TEST_CASE("a storage URL says how the store is to encrypt") {
  const auto plain = parse_s3_url("s3://photos/live");
  CHECK(plain->bucket == "/");
  CHECK(plain->encryption.empty());
  CHECK(parse_s3_url("s3://photos?encryption=AES256")->encryption == "AES256");
  const auto kms = parse_s3_url(
      "s3://photos?encryption=aws:kms&kmsKey=arn:aws:kms:eu-central-1:111122223333:key/1234-abcd"
  );
  REQUIRE(kms);
  CHECK(kms->encryption == "aws:kms");
  CHECK(kms->kms_key == "arn:aws:kms:eu-central-1:111122223333:key/1234-abcd");
}

TEST_CASE("what is refused of a storage URL is said") {
  const auto reason = [](const std::string& url) { return parse_s3_url(url).error().message; };
  CHECK(reason("s3://b").find("a bucket's name: 3 to 63") != std::string::npos);
  CHECK(reason("s3://photos?endpoint=minio:9000").find("http[s]://HOST") != std::string::npos);
  CHECK(reason("s3://photos?endpoint=http://a:b@c").find("credentials") != std::string::npos);
  CHECK(reason("s3://photos?endpoint=http://host/a%2520b").find("path") != std::string::npos);
  CHECK(reason("s3://photos?endpoint=http://host/../x").find("path") != std::string::npos);
  CHECK(reason("s3://photos?endpoint=http://host%23x").find("path") != std::string::npos);
  CHECK(
      reason("s3://photos?colour=red").find("the parameters are region, endpoint")
      != std::string::npos
  );
}

TEST_CASE("what is no storage URL is refused without being repeated") {
  const auto url = GENERATE(
      as<std::string>{}, "s3://", "http://photos", "s3:photos", "s3://ab", "s3://Photos",
      "s3://-photos", "s3://photos/../x", "s3://photos//x", "s3://photos/a b",
      "s3://photos?endpoint=ftp://host", "s3://photos?endpoint=host:9000",
      "s3://photos?endpoint=http://", "s3://photos?endpoint=http://user:word@host",
      "s3://photos?endpoint=http://host//path", "s3://photos?style=other",
      "s3://photos?region=", "s3://photos?region=a/b", "s3://photos?colour=red",
      "s3://user:word@photos", "s3://photos?encryption=none", "s3://photos?kmsKey=a",
      "s3://photos?encryption=AES256&kmsKey=a", "s3://photos?encryption=aws:kms&kmsKey=a%20b",
      "s3://photos?region=a&region=b"
  );
  INFO(url);
  const auto refused = parse_s3_url(url);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::invalid_input);
  CHECK(refused.error().message.find("word") == std::string::npos);
}

}  // namespace stayler::adapters
