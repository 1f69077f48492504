// SPDX-License-Identifier: MIT
#include "app/cli/profile/profile.hpp"

#include "app/cli/command_error.hpp"
#include "app/cli/profile/connection.hpp"
#include "app/cli/profile/profile_text.hpp"
#include "tests/support/catch.hpp"

using namespace stayler::cli;

namespace {

variables with_variables(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional{found->second};
  };
}

std::string why_refused_profiles(const std::string& text) {
  try {
    static_cast<void>(parse_profiles(text, "config.toml"));
  } catch (const command_error& error) {
    return error.why;
  }
  return {};
}

bool is_refused_url(const std::string& url) {
  try {
    static_cast<void>(make_connection({}, {.url = url}, with_variables({})));
  } catch (const command_error& error) {
    return error.code == exit_code::usage;
  }
  return false;
}

}  // namespace

TEST_CASE("profiles are read from TOML") {
  const auto file = parse_profiles(
      "default = \"a\"\n[profiles.a]\nurl = \"http://h:1/\"\nkey_command = \"pass show s\"\n"
      "readonly = true\ncolumns = [\"id\", \"state\"]\n[profiles.b]\nbadge = \"PROD\"\n",
      "config.toml"
  );
  const auto chosen = choose_profile(file, "");
  CHECK(chosen.name == "a");
  CHECK(chosen.readonly);
  CHECK(chosen.key_command == "pass show s");
  CHECK(chosen.columns == std::vector<std::string>{"id", "state"});
  CHECK(choose_profile(file, "b").badge == "PROD");
  CHECK_THROWS_AS(choose_profile(file, "c"), command_error);
  CHECK(choose_profile({}, "").name.empty());
}

TEST_CASE("a profile that cannot be meant is refused, with its line") {
  CHECK(
      why_refused_profiles("[profiles.a]\nkey = \"secret\"\n")
      == "line 2: key is not known, or of another kind"
  );
  CHECK(why_refused_profiles("[profiles.a]\nreadonly = \"yes\"\n").starts_with("line 2"));
  CHECK(why_refused_profiles("url = \"x\"\n") == "url is not known");
  CHECK(why_refused_profiles("[profiles.a\n").starts_with("line 1"));
  CHECK_FALSE(why_refused_profiles("[profiles.a]\nkey_file = \"f\"\nkey_command = \"c\"\n").empty()
  );
  CHECK(why_refused_profiles("").empty());
}

TEST_CASE("an address comes from the flag, the variable, the profile, or is the usual one") {
  profile chosen;
  chosen.url = "http://profile:1/";
  const auto url_of = [&](const connection_flags& flags, const variables& environment) {
    return make_connection(chosen, flags, environment).url;
  };
  const auto variable = with_variables({{"STAYLER_URL", "http://variable:1"}});
  CHECK(url_of({.url = "http://flag:1/"}, variable) == "http://flag:1");
  CHECK(url_of({}, variable) == "http://variable:1");
  CHECK(url_of({.is_profile_given = true}, variable) == "http://profile:1");
  CHECK(url_of({}, with_variables({})) == "http://profile:1");
  CHECK(make_connection({}, {}, with_variables({})).url == "http://127.0.0.1:8080");
}

TEST_CASE("addresses that are none, or have credentials in them, are refused") {
  for (const auto* url : {"ftp://a", "localhost:8080", "http://", "http://ann:secret@host"}) {
    INFO(url);
    CHECK(is_refused_url(url));
  }
}

TEST_CASE("a key comes from the variable, and the profile's goes to the profile's service alone") {
  profile chosen;
  chosen.url = "http://profile:1";
  chosen.key_command = "echo of-the-profile";
  const auto key_of = [&](const connection_flags& flags, const variables& environment) {
    return make_connection(chosen, flags, environment).key;
  };
  CHECK(key_of({}, with_variables({})) == "of-the-profile");
  CHECK(key_of({}, with_variables({{"STAYLER_API_KEY", "variable"}})) == "variable");
  CHECK(key_of({.url = "http://other:1"}, with_variables({})).empty());
  chosen.key_command = "exit 1";
  CHECK_THROWS_AS(key_of({}, with_variables({})), command_error);
}

TEST_CASE("an address of this machine is told from a name that looks like one") {
  for (const char* url :
       {"http://127.0.0.1:8080", "http://127.1.2.3", "http://localhost", "https://[::1]:8443"}) {
    INFO(url);
    CHECK(is_on_this_machine(url));
  }
  for (const char* url :
       {"http://127.example.com", "http://10.0.0.1", "http://[::2]", "127.0.0.1"}) {
    INFO(url);
    CHECK_FALSE(is_on_this_machine(url));
  }
}

TEST_CASE("a profile is put into the text, and what the user wrote there stays") {
  const auto made = with_profile("# mine\n[profiles.b]\nuser = \"x\"\n", "a", "http://h", "/k");
  CHECK(
      made
      == "# mine\n[profiles.b]\nuser = \"x\"\n\n[profiles.a]\nurl = \"http://h\"\nkey_file = "
         "\"/k\"\n"
  );
  CHECK(
      with_profile(made, "b", "http://i", "")
      == "# mine\n[profiles.b]\nurl = \"http://i\"\nuser = \"x\"\n\n[profiles.a]\nurl = "
         "\"http://h\"\nkey_file = \"/k\"\n"
  );
  CHECK(with_profile("", "a", "http://h", "C:\\\"k").ends_with("key_file = \"C:\\\\\\\"k\"\n"));
  CHECK(
      with_default_profile("default = \"b\"\n[profiles.b]\ndefault_x = 1\n", "a")
      == "default = \"a\"\n[profiles.b]\ndefault_x = 1\n"
  );
}
