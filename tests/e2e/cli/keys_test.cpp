// SPDX-License-Identifier: MIT
// Where keys come from, what a wrong one leads to, and where none may go.
#include "tests/e2e/cli/cli_run.hpp"
#include "tests/support/certificates.hpp"

#include <fstream>
#include <sys/stat.h>

using namespace stayler;
using namespace stayler::test;

namespace {

/// printf secret | sha256sum, and the same of "looker".
const std::string two_keys =
    "ann:admin:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b,"
    "bob:viewer:d133efd9800e396abbeb9de0cc7a6f873d58159121a0fc587f8a2ec1208ad50a";

std::string private_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file} << text;
  ::chmod(file.c_str(), 0600);
  return file.string();
}

}  // namespace

TEST_CASE("a key that is missing, wrong or may not is 4, and says where keys come from") {
  service_stack stack{{{"WORKER_API_KEYS", two_keys}}};
  const auto missing = run_cli(stack, {"list"});
  CHECK(missing.exit_code == 4);
  CHECK(holds(missing.error, "set STAYLER_API_KEY"));
  CHECK(run_cli(stack, {"list"}, {{"STAYLER_API_KEY", "wrong"}}).exit_code == 4);
  CHECK(run_cli(stack, {"list"}, {{"STAYLER_API_KEY", "looker"}}).exit_code == 0);
  const auto forbidden =
      run_cli(stack, {"config", "set", "maxWorkers=2", "-y"}, {{"STAYLER_API_KEY", "looker"}});
  CHECK(forbidden.exit_code == 4);
  CHECK(holds(forbidden.error, "it takes a key with role admin"));
  const auto verbose = run_cli(stack, {"list", "-v"}, {{"STAYLER_API_KEY", "secret"}});
  CHECK(holds(verbose.error, "key: from STAYLER_API_KEY"));
  CHECK(holds(verbose.error, "GET /worker/jobs"));
  CHECK_FALSE(holds(verbose.error, "secret"));
}

TEST_CASE("keys come from a file, a profile's file or its command, in this order") {
  service_stack stack{{{"WORKER_API_KEYS", two_keys}}};
  const auto good = private_file(stack.folder() / "good", "secret\n");
  const auto bad = private_file(stack.folder() / "bad", "wrong\n");
  CHECK(run_cli(stack, {"list", "--key-file", good}).exit_code == 0);
  CHECK(
      run_cli(stack, {"list", "--key-file", bad}, {{"STAYLER_API_KEY", "secret"}}).exit_code == 4
  );
  CHECK(run_cli(stack, {"list", "--key-file", "/no/such"}).exit_code == 4);
  const auto config = private_file(
      stack.folder() / "config.toml",
      "[profiles.file]\nurl = \"" + stack.worker().url() + "\"\nkey_file = \"" + good + "\"\n"
          + "[profiles.command]\nurl = \"" + stack.worker().url()
          + "\"\nkey_command = \"echo secret\"\n"
          + "[profiles.elsewhere]\nurl = \"http://127.0.0.1:1\"\nkey_file = \"" + good + "\"\n"
  );
  const environment variables{{"STAYLER_CONFIG", config}};
  CHECK(run_cli(stack, {"list", "-p", "file"}, variables).exit_code == 0);
  CHECK(run_cli(stack, {"list", "-p", "command"}, variables).exit_code == 0);
  // The key of one service is not shown to another.
  const auto other =
      run_cli(stack, {"list", "-p", "elsewhere", "--url", stack.worker().url()}, variables);
  CHECK(other.exit_code == 4);
}

TEST_CASE("over TLS the authority of the profile is trusted, and no other") {
  const temporary_folder folder;
  make_certificates(folder.path(), {"localhost"});
  const auto file = [&](const std::string& name) { return (folder.path() / name).string(); };
  service_stack stack{
      {{"WORKER_TLS_CERTIFICATE", file("localhost.pem")},
       {"WORKER_TLS_KEY", file("localhost.key")},
       {"WORKER_API_KEYS", two_keys}}};
  const auto port = stack.worker().url().substr(stack.worker().url().rfind(':') + 1);
  const environment trusting{
      {"STAYLER_URL", "https://localhost:" + port},
      {"STAYLER_API_KEY", "secret"},
      {"STAYLER_CA_FILE", file("ca.pem")}};
  CHECK(run_cli(stack, {"list"}, trusting).exit_code == 0);
  const auto doctor = run_cli(stack, {"doctor"}, trusting);
  CHECK(holds(doctor.out, "certificate     good until 20"));
  auto doubting = trusting;
  doubting.erase("STAYLER_CA_FILE");
  const auto refused = run_cli(stack, {"list"}, doubting);
  CHECK(refused.exit_code == 7);
  CHECK(holds(refused.error, "ca_file"));
}
