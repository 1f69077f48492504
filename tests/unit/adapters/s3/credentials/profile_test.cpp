// SPDX-License-Identifier: MIT

#include "adapters/s3/credentials/file_credentials.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace stayler::adapters {

TEST_CASE("a profile is found among others, with comments, blanks and what it has besides") {
  const std::string text =
      "# made by hand\r\n[default]\r\naws_access_key_id = AKIDDEFAULT\r\n"
      "aws_secret_access_key = default/+=\r\n\r\n; another\r\n[ pictures ]\r\n"
      "region = eu-central-1\r\naws_access_key_id=ASIA\r\n#aws_secret_access_key = no\r\n"
      "aws_secret_access_key = se/cr+et=\r\naws_session_token = to/k+en==\r\n[last]\r\n"
      "aws_access_key_id = AKIDLAST";
  const auto given = parse_profile(text, "default");
  REQUIRE(given);
  CHECK(*given == aws_credentials{"AKIDDEFAULT", "default/+="});
  const auto pictures = parse_profile(text, "pictures");
  REQUIRE(pictures);
  CHECK(*pictures == aws_credentials{"ASIA", "se/cr+et=", "to/k+en=="});
  CHECK(
      parse_profile(text, "none").error()
      == failure{error_class::invalid_input, "there is no profile \"none\""}
  );
  CHECK(
      parse_profile(text, "last").error()
      == failure{error_class::invalid_input, "the profile \"last\" has no aws_secret_access_key"}
  );
  CHECK_FALSE(parse_profile("", "default"));
  CHECK_FALSE(parse_profile("[a]\naws_access_key_id = x y\naws_secret_access_key = z", "a"));
}

TEST_CASE("a file that cannot be read leaves the key that was read last") {
  const aws_credentials first{"one", "secret"};
  const aws_credentials second{"two", "secret"};
  const failure broken{error_class::unavailable, "broken"};
  int reads = 0;
  const auto keys = make_file_credentials(
      [&]() -> result<aws_credentials> {
        ++reads;
        return reads == 1 || reads == 4   ? broken
               : reads == 2 || reads == 3 ? result<aws_credentials>{first}
                                          : second;
      },
      std::chrono::milliseconds{0}
  );
  const auto get = [&] { return keys->get({}); };
  REQUIRE(get());  // the second read
  CHECK(*get() == first);
  CHECK(*get() == first);
  CHECK(*get() == second);
  CHECK_FALSE(keys->renew(second));
  CHECK(keys->renew(first));
}

}  // namespace stayler::adapters
