// SPDX-License-Identifier: MIT
// stayler login: a key is tried, and kept where nobody else reads it.
#include "tests/e2e/cli/cli_run.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace stayler;
using namespace stayler::test;

namespace {

/// printf secret | sha256sum.
const environment one_key{
    {"WORKER_API_KEYS",
     "ann:admin:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}};

unsigned mode_of(const std::filesystem::path& file) {
  struct ::stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("login asks for the key unseen, tries it, and keeps it for its user alone") {
  service_stack stack{one_key};
  const auto folder = stack.folder() / "config" / "stayler";
  const environment place{{"XDG_CONFIG_HOME", (stack.folder() / "config").string()}};
  const auto wrong =
      run_cli_on_terminal(stack, {"login", "prod"}, {{"API key for http", "wrong"}}, place);
  CHECK(wrong.exit_code == 4);
  CHECK(holds(wrong.out, "nothing was written"));
  CHECK_FALSE(std::filesystem::exists(folder / "config.toml"));
  const auto run =
      run_cli_on_terminal(stack, {"login", "prod"}, {{"API key for http", "secret"}}, place);
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(holds(run.out, "as ann with role admin"));
  CHECK_FALSE(holds(run.out, "secret"));
  CHECK(mode_of(folder / "config.toml") == 0600);
  CHECK(mode_of(folder / "prod.key") == 0600);
  CHECK(read_file(folder / "prod.key") == "secret\n");
  CHECK_FALSE(holds(read_file(folder / "config.toml"), "secret"));
  // The first one is the default: nothing else has to be said.
  environment bare{{"STAYLER_URL", ""}, {"XDG_CONFIG_HOME", place.at("XDG_CONFIG_HOME")}};
  CHECK(run_cli(stack, {"list"}, bare).exit_code == 0);
  CHECK(holds(run_cli(stack, {"profile"}, bare).out, "prod"));
}

TEST_CASE("login changes a profile's address and key, and nothing else in the file") {
  service_stack stack{one_key};
  const auto file = stack.folder() / "config.toml";
  const std::string before =
      "# mine\ndefault = \"other\"\n\n[profiles.prod]\nurl = \"http://127.0.0.1:1\"\n"
      "badge = \"PROD\"  # loud\nkey_command = \"pass\"\n\n[profiles.other]\n";
  std::ofstream{file} << before;
  ::chmod(file.c_str(), 0600);
  const environment place{{"STAYLER_CONFIG", file.string()}};
  const auto url = stack.worker().url();
  const auto key = stack.folder() / "key";
  std::ofstream{key} << "secret\n";
  const auto run = run_program(
      "/bin/sh", {"-c", STAYLER_CLI " login prod --url " + url + " <" + key.string()},
      {{"STAYLER_CONFIG", file.string()}}
  );
  INFO(run.output);
  CHECK(run.exit_code == 0);
  const auto after = read_file(file);
  CHECK(
      after
      == "# mine\ndefault = \"other\"\n\n[profiles.prod]\nurl = \"" + url + "\"\nkey_file = \""
             + (stack.folder() / "prod.key").string()
             + "\"\nbadge = \"PROD\"  # loud\n\n[profiles.other]\n"
  );
  CHECK(run_cli(stack, {"-p", "prod", "list"}, place).exit_code == 0);
  // Where the kept key is gone, a login brings another; --key-file has one, too.
  std::filesystem::remove(stack.folder() / "prod.key");
  CHECK(run_cli(stack, {"-p", "prod", "list"}, place).exit_code == 4);
  CHECK(run_cli(stack, {"login", "prod", "--key-file", key.string()}, place).exit_code == 0);
  CHECK(run_cli(stack, {"-p", "prod", "list"}, place).exit_code == 0);
}

TEST_CASE("login where no key is needed, nobody listens or nothing can be written says so") {
  service_stack stack;
  const environment place{{"STAYLER_CONFIG", (stack.folder() / "c.toml").string()}};
  const auto open = run_cli(stack, {"login", "a"}, place);
  CHECK(open.exit_code == 0);
  CHECK(holds(open.error, "which needs no key"));
  CHECK(run_cli(stack, {"login", "a", "--url", "http://127.0.0.1:1"}, place).exit_code == 7);
  CHECK(run_cli(stack, {"login", "a/b"}, place).exit_code == 2);
  const environment nowhere{{"STAYLER_CONFIG", "/proc/no/config.toml"}};
  const auto unwritable = run_cli(stack, {"login", "a"}, nowhere);
  CHECK(unwritable.exit_code == 1);
  CHECK(holds(unwritable.error, "cannot make the folder /proc/no"));
  std::ofstream{stack.folder() / "c.toml"} << "profiles = { a = { url = \"http://h\" } }\n";
  ::chmod((stack.folder() / "c.toml").c_str(), 0600);
  CHECK(run_cli(stack, {"login", "b"}, place).exit_code == 2);
}
