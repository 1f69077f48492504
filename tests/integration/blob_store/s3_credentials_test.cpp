// SPDX-License-Identifier: MIT

// Temporary keys and keys that are replaced, against an S3 server that verifies them: from files,
// and from the places where AWS gives them out.
#include "adapters/blob_store/s3_blob_store.hpp"
#include "adapters/s3/credentials/choose_credentials.hpp"
#include "tests/integration/blob_store/blob_store_conformance.hpp"
#include "tests/integration/blob_store/role_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/servers/s3_server.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace stayler::test {

namespace {

using namespace adapters;
using namespace std::chrono_literals;

const s3_key first_key{"ASIAONE", "secret-one/+", "token-one/+=="};
const s3_key second_key{"ASIATWO", "secret-two/+", "token-two/+=="};

using variables = std::map<std::string, std::string>;

std::unique_ptr<blob_store> store_on(
    const s3_server& server, const settings& config, const variables& environment = {}
) {
  s3_options options;
  options.where = parse_s3_url(server.storage_url()).value();
  auto chosen = choose_credentials(
      config, options.where.region,
      [&environment](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        return found == environment.end() ? std::nullopt : std::optional{found->second};
      }
  );
  INFO((chosen ? "" : chosen.error().message));
  REQUIRE(chosen);
  options.credentials = *chosen;
  options.first_pause = 1ms;
  return make_s3_blob_store(std::move(options));
}

settings from(std::string_view credentials) {
  settings config;
  config.s3_credentials = credentials;
  return config;
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file, std::ios::trunc} << text;
}

/// The three files of S3_..._FILE, which somebody replaces.
struct key_folder {
  temporary_folder folder;

  explicit key_folder(const s3_key& key) { write(key); }

  void write(const s3_key& key) const {
    write_file(folder.path() / "id", key.id + "\n");
    write_file(folder.path() / "secret", key.secret + "\n");
    write_file(folder.path() / "token", key.token + "\n");
  }

  /// As the loader of the options leaves them.
  [[nodiscard]] settings config(const s3_key& key) const {
    settings made;
    made.s3_access_key_id = key.id;
    made.s3_secret_access_key = key.secret;
    made.s3_session_token = key.token;
    made.s3_access_key_id_file = folder.path() / "id";
    made.s3_secret_access_key_file = folder.path() / "secret";
    made.s3_session_token_file = folder.path() / "token";
    return made;
  }
};

std::string profile_of(const s3_key& key) {
  return "[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = other\n\n[pictures]\n"
         "region = eu-central-1\naws_access_key_id = "
         + key.id + "\naws_secret_access_key=" + key.secret + "\naws_session_token = " + key.token
         + "\n";
}

}  // namespace

TEST_CASE("S3: a temporary key goes with its session token, which is signed") {
  s3_server server;
  server.change_key(first_key);
  settings config;
  config.s3_access_key_id = first_key.id;
  config.s3_secret_access_key = first_key.secret;
  CHECK(store_on(server, config)->put("a", blob("x")).error().kind == error_class::unavailable);
  config.s3_session_token = first_key.token;
  const auto store = store_on(server, config);
  CHECK(store->put("a", blob("x")));
  CHECK(text_of(store->get("a")) == "x");

  server.change_key(second_key);
  const auto ended = store->put("a", blob("y"));
  CHECK(ended.error().kind == error_class::unavailable);
  CHECK(ended.error().message == "S3 PUT a: 400 ExpiredToken: the session token has ended");
}

TEST_CASE("S3: keys in files are read again when the store refuses those of before") {
  s3_server server;
  server.change_key(first_key);
  const key_folder files{first_key};
  const auto store = store_on(server, files.config(first_key));
  REQUIRE(store->put("a", blob("x")));
  server.change_key(second_key);
  CHECK(store->put("a", blob("y")).error().kind == error_class::unavailable);
  files.write(second_key);
  CHECK(store->put("a", blob("z")));
  CHECK(text_of(store->get("a")) == "z");
}

TEST_CASE("S3: a profile is read again when it changes, and a broken file leaves the key") {
  s3_server server;
  server.change_key(first_key);
  const temporary_folder folder;
  const auto file = folder.path() / "credentials";
  write_file(file, profile_of(first_key));
  auto config = from("profile");
  config.s3_profile_file = file;
  config.s3_profile = "pictures";
  const auto store = store_on(server, config);
  REQUIRE(store->put("a", blob("x")));
  write_file(file, "[pictures]\naws_access_key_id = half");
  CHECK(text_of(store->get("a")) == "x");
  server.change_key(second_key);
  write_file(file, profile_of(second_key));
  CHECK(store->put("a", blob("y")));
}

TEST_CASE("S3: a file that is not there yet is an outage with its name, until it is") {
  s3_server server;
  server.change_key(first_key);
  const temporary_folder folder;
  auto config = from("profile");
  config.s3_profile_file = folder.path() / "credentials";
  config.s3_profile = "pictures";
  const auto store = store_on(server, config);
  const auto missing = store->put("a", blob("x"));
  CHECK(missing.error().kind == error_class::unavailable);
  CHECK(missing.error().message.find(config.s3_profile_file) != std::string::npos);
  write_file(config.s3_profile_file, profile_of(first_key));
  CHECK(store->put("a", blob("x")));
}

TEST_CASE("S3: the roles of containers, instances and service accounts give the key") {
  s3_server server;
  server.change_key(first_key);
  role_server roles{first_key};
  const temporary_folder folder;
  const std::string token_file = folder.path() / "token";
  const auto check = [&](const std::string& kind, const variables& environment) {
    INFO(kind);
    const auto store = store_on(server, from(kind), environment);
    CHECK(store->put("a", blob(kind)));
    CHECK(text_of(store->get("a")) == kind);
  };
  check(
      "ecs", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", roles.url("/container")},
              {"AWS_CONTAINER_AUTHORIZATION_TOKEN", role_server::agent_token}}
  );
  write_file(token_file, role_server::agent_token);
  check(
      "ecs", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", roles.url("/container")},
              {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file}}
  );
  check("imds", {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", roles.url("/")}});
  write_file(token_file, role_server::identity_token);
  check(
      "web-identity", {{"AWS_ROLE_ARN", role_server::role},
                       {"AWS_WEB_IDENTITY_TOKEN_FILE", token_file},
                       {"AWS_ENDPOINT_URL_STS", roles.url("/sts")}}
  );
  const auto calls = roles.calls();
  CHECK(std::ranges::count(calls, "GET /container") == 2);
  CHECK(std::ranges::count(calls, "PUT /latest/api/token") == 1);
  CHECK(std::ranges::count(calls, "POST /sts") == 1);
}

TEST_CASE("S3: a role's key that the store refuses is asked for again within the same call") {
  s3_server server;
  server.change_key(first_key);
  role_server roles{first_key};
  const auto store =
      store_on(server, from("imds"), {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", roles.url()}});
  REQUIRE(store->put("a", blob("x")));
  roles.change_key(second_key);
  server.change_key(second_key);
  CHECK(store->put("a", blob("y")));
}

TEST_CASE("S3: a place that gives out no key is an outage with its reason, and no token is told") {
  const s3_server server;
  const role_server roles{first_key};
  const auto store = store_on(
      server, from("ecs"),
      {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", roles.url("/container")},
       {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong-token"}}
  );
  const auto refused = store->probe();
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().message.ends_with(": the key of the container's role: status 401"));
  CHECK(refused.error().message.find("wrong-token") == std::string::npos);
}

}  // namespace stayler::test
