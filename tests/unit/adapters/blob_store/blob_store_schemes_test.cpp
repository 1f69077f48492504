// SPDX-License-Identifier: MIT

// Proves that an image store is found, checked and opened by the scheme of its URL.

#include "adapters/blob_store/blob_store_schemes.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::adapters;

TEST_CASE("an image store is found by the scheme of its URL") {
  REQUIRE(find_blob_store_scheme("s3://bucket") != nullptr);
  CHECK(find_blob_store_scheme("s3://bucket")->prefix == "s3://");
  for (const auto* url : {"", "bucket", "s3:/bucket", "S3://bucket", "other://bucket"}) {
    INFO(url);
    CHECK(find_blob_store_scheme(url) == nullptr);
    CHECK_FALSE(is_blob_store_url(url));
  }
  for (const blob_store_scheme& each : blob_store_schemes()) {
    CHECK(each.form.starts_with(each.prefix));
    CHECK(blob_store_url_forms().find(each.form) != std::string_view::npos);
  }
}

TEST_CASE("a URL has to be valid for its own kind of store") {
  CHECK(is_blob_store_url("s3://bucket/prefix?region=eu-central-1"));
  CHECK_FALSE(is_blob_store_url("s3://"));
  CHECK_FALSE(is_blob_store_url("s3://bucket?colour=red"));
  CHECK_FALSE(blob_store_url_flaw("s3://").empty());
  CHECK(blob_store_url_flaw("s3://bucket").empty());
  CHECK(blob_store_url_flaw("other://bucket").empty());
}

TEST_CASE("a store is opened from the settings without a call to it") {
  settings config;
  config.storage_url = "s3://bucket?endpoint=http://127.0.0.1:1";
  config.s3_access_key_id = "id";
  config.s3_secret_access_key = "key";
  const auto open = find_blob_store_scheme(config.storage_url)->open;
  const auto opened = open(config);
  REQUIRE(opened);
  CHECK(*opened != nullptr);
  config.storage_url = "s3://";
  CHECK(open(config).error().kind == error_class::invalid_input);
}
