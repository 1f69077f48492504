// SPDX-License-Identifier: MIT
// S3 as it is run: keys that are replaced, stores that refuse, endpoints with paths, a forward
// proxy on the way.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/servers/proxy_process.hpp"
#include "tests/support/servers/s3_server.hpp"

#include <fstream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// The files that an agent would write.
void write_key(const std::filesystem::path& folder, const s3_key& key) {
  std::ofstream{folder / "id"} << key.id << '\n';
  std::ofstream{folder / "secret"} << key.secret << '\n';
  std::ofstream{folder / "token"} << key.token << '\n';
}

environment with_key(const s3_server& server) {
  return {
      {"STORAGE_URL", server.storage_url("live")},
      {"S3_ACCESS_KEY_ID", s3_server::key_id},
      {"S3_SECRET_ACCESS_KEY", s3_server::secret}};
}

finished_run check(const environment& settings) {
  return run_program(STAYLER_WORKER, {"--check-config"}, settings);
}

}  // namespace

TEST_CASE("a temporary key in files is replaced while the service runs, and no job fails for it") {
  const s3_key first{"ASIAONE", "secret-one/+", "token-one/+=="};
  const s3_key second{"ASIATWO", "secret-two/+", "token-two/+=="};
  const temporary_folder keys;
  write_key(keys.path(), first);
  s3_server s3{"127.0.0.1", "/storage/v1/s3"};
  s3.change_key(first);
  service_stack stack{
      {{"STORAGE_URL", s3.storage_url("live")},
       {"S3_ACCESS_KEY_ID_FILE", keys.path() / "id"},
       {"S3_SECRET_ACCESS_KEY_FILE", keys.path() / "secret"},
       {"S3_SESSION_TOKEN_FILE", keys.path() / "token"}}};
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  write_key(keys.path(), second);
  s3.change_key(second);
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  CHECK(stack.worker().stop() == 0);
  CHECK(stack.worker().output().find("token-") == std::string::npos);
}

TEST_CASE("a picture that was paid for waits while the store refuses the key, and is paid once") {
  s3_server s3;
  service_stack stack{with_key(s3)};
  stack.person();
  stack.garment();
  s3.fail({s3_fault::kind::refuse, "PUT live/images/", 3, 403, "AccessDenied"});
  const auto job = stack.final_job(stack.submit(), 60s);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(stack.sim_count({"generateCalls"}) == 1);
}

TEST_CASE("through a forward proxy images are kept, and its password is shown nowhere") {
  const proxy_process proxy;
  s3_server s3{"127.0.0.2"};
  environment settings = with_key(s3);
  settings["http_proxy"] = proxy.url();
  service_stack stack{settings};
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  CHECK(proxy.log().find("PUT http://127.0.0.2:" + std::to_string(s3.port())) != std::string::npos);
  const auto shown = stack.get("/worker/config");
  CHECK(text_at(shown.json(), {"httpProxy"}) == "***");
  CHECK(shown.body.find(proxy_process::password) == std::string::npos);
  CHECK(stack.worker().stop() == 0);
  CHECK(stack.worker().output().find(proxy_process::password) == std::string::npos);
}

TEST_CASE("checking the configuration says what is wrong with a store's address, key and authority"
) {
  const auto path = check({{"STORAGE_URL", "s3://b?endpoint=http://minio:9000"}});
  CHECK(path.exit_code == 2);
  CHECK(path.output.find("must be followed by a bucket's name: 3 to 63") != std::string::npos);
  const auto role = check({{"STORAGE_URL", "s3://photos"}, {"S3_CREDENTIALS", "ecs"}});
  CHECK(role.exit_code == 2);
  CHECK(
      role.output.find("S3_CREDENTIALS: ecs needs AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
      != std::string::npos
  );
  const auto authority = check({{"SSL_CERT_FILE", "/nowhere/ca.pem"}});
  CHECK(authority.exit_code == 2);
  CHECK(authority.output.find("/nowhere/ca.pem: No such file") != std::string::npos);
  const temporary_folder folder;
  make_certificates(folder.path(), {"localhost"});
  const auto good =
      check({{"WORKER_CA_FILE", folder.path() / "ca.pem"}, {"S3_CREDENTIALS", "imds"}});
  INFO(good.output);
  CHECK(good.exit_code == 0);
}
