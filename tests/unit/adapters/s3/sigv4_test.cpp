// SPDX-License-Identifier: MIT

// The signer against what AWS has published: its Signature Version 4 test suite, and the examples
// of the S3 API reference.

#include "adapters/s3/sigv4.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

namespace {

const std::string empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// 2015-08-30T12:36:00Z, on which the test suite plays.
constexpr timestamp suite_time{milliseconds{1'440'938'160'000}};

/// 2013-05-24T00:00:00Z, on which the examples of S3 play.
constexpr timestamp example_time{milliseconds{1'369'353'600'000}};

std::string suite_signature(sigv4_request request) {
  request.headers.emplace_back("host", "example.amazonaws.com");
  request.headers.emplace_back("x-amz-date", "20150830T123600Z");
  const auto header = sigv4_authorization(
      request, {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
      {suite_time, "us-east-1", "service"}
  );
  return header.substr(header.find("Signature=") + 10);
}

std::string example_authorization(sigv4_request request) {
  request.headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
  request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
  request.headers.emplace_back("x-amz-date", "20130524T000000Z");
  return sigv4_authorization(
      request, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
      {example_time, "us-east-1", "s3"}
  );
}

bool ends_with_signature(const std::string& header, const std::string& signature) {
  return header.ends_with(", Signature=" + signature);
}

}  // namespace

TEST_CASE("the requests of AWS's test suite get the signatures that it names") {
  CHECK(
      suite_signature({"GET", "/", {}, {}, empty_hash})
      == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
  );
  CHECK(
      suite_signature({"POST", "/", {}, {}, empty_hash})
      == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
  );
  CHECK(
      suite_signature({"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}, {}, empty_hash})
      == "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
  );
  CHECK(
      suite_signature({"GET", "/", {{"\xE1\x88\xB4", "bar"}}, {}, empty_hash})
      == "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"
  );
  CHECK(
      suite_signature(
          {"GET",
           "/",
           {},
           {{"my-header1", " value1"}, {"my-header2", " \"a   b   c\""}},
           empty_hash}
      )
      == "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
  );
}

TEST_CASE("the examples of the S3 reference get the signatures that it names") {
  const auto get =
      example_authorization({"GET", "/test.txt", {}, {{"range", "bytes=0-9"}}, empty_hash});
  CHECK(
      get
      == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
         "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
         "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
  );
  const auto put = example_authorization(
      {"PUT",
       "/test%24file.text",
       {},
       {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
       "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}
  );
  CHECK(ends_with_signature(put, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
  );
  const auto lifecycle = example_authorization({"GET", "/", {{"lifecycle", ""}}, {}, empty_hash});
  CHECK(ends_with_signature(
      lifecycle, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
  ));
  const auto list =
      example_authorization({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, empty_hash});
  CHECK(
      ends_with_signature(list, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
  );
}

TEST_CASE("what a signature rests on is written as AWS writes it") {
  CHECK(amz_date(suite_time) == "20150830T123600Z");
  CHECK(canonical_query({{"b", "2 "}, {"a", ""}, {"B", "/"}}) == "B=%2F&a=&b=2%20");
  CHECK(canonical_query({}).empty());
}

TEST_CASE("any change of a request changes its signature") {
  const sigv4_request base{"PUT", "/k", {{"a", "b"}}, {{"x", "y"}}, empty_hash};
  const auto original = suite_signature(base);
  for (const auto& change : std::vector<void (*)(sigv4_request&)>{
           [](sigv4_request& r) { r.method = "GET"; }, [](sigv4_request& r) { r.path = "/l"; },
           [](sigv4_request& r) { r.query[0].second = "c"; },
           [](sigv4_request& r) { r.headers[0].second = "z"; },
           [](sigv4_request& r) { r.payload_hash[0] = 'f'; }}) {
    auto changed = base;
    change(changed);
    CHECK(suite_signature(changed) != original);
  }
}

TEST_CASE("a session token is signed like any other header") {
  // post-sts-header-before of the suite.
  CHECK(
      suite_signature(
          {"POST",
           "/",
           {},
           {{"x-amz-security-token",
             "AQoDYXdzEPT//////////"
             "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRX"
             "mxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
             "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburED"
             "y0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+"
             "xo0rKwT38xVqr7ZD0u0iPPkUL64"
             "lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="}},
           empty_hash}
      )
      == "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
  );
}

}  // namespace stayler::adapters
