// SPDX-License-Identifier: MIT
// What the command line says without a service: help, usage, profiles, keys, and the exit codes of
// each.
#include "tests/e2e/cli/cli_run.hpp"
#include "tests/support/free_port.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace stayler;
using namespace stayler::test;

namespace {

void write_private(const std::filesystem::path& file, const std::string& text) {
  std::ofstream{file} << text;
  ::chmod(file.c_str(), 0600);
}

}  // namespace

TEST_CASE("help names every exit code, and each command has its own") {
  const auto help = run_cli({"--help"});
  CHECK(help.exit_code == 0);
  for (const auto* text : {"submit", "doctor", "Exit codes", "130", "NO_COLOR"}) {
    CHECK(holds(help.out, text));
  }
  CHECK(run_cli(std::vector<std::string>{}).exit_code == 2);
  CHECK(holds(run_cli({"submit", "--help"}).out, "--garment"));
  CHECK(holds(run_cli({"dead", "retry", "-h"}).out, "stayler dead retry"));
  CHECK(holds(run_cli({"help", "filters"}).out, "since:1h"));
  CHECK(holds(run_cli({"help", "profiles"}).out, "key_command"));
  CHECK(holds(run_cli({"--version"}).out, "stayler "));
}

TEST_CASE("wrong usage ends with 2, and says in three lines what, why and what to do") {
  const auto unknown = run_cli({"list", "--no-such-flag"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.out.empty());
  CHECK(holds(unknown.error, "stayler: cannot run list\n  why: "));
  CHECK(holds(unknown.error, "\n  do:  stayler list --help"));
  CHECK(run_cli({"no-such-command"}).exit_code == 2);
  CHECK(run_cli({"get"}).exit_code == 2);
  CHECK(holds(run_cli({"list", "colour:red"}).error, "status: type: class:"));
  CHECK(run_cli({"list", "--limit", "many"}).exit_code == 2);
  const auto missing = run_cli({"submit", "--person", "/no/such.jpg", "--garment", "/none.png"});
  CHECK(missing.exit_code == 2);
  CHECK(holds(missing.error, "there is no such file"));
  CHECK(holds(run_cli({"submit"}).error, "a picture of a person"));
}

TEST_CASE("a service that is not there is 7, in text and as JSON") {
  const auto url = "http://127.0.0.1:" + std::to_string(free_port());
  const auto away = run_cli({"list", "--url", url});
  CHECK(away.exit_code == 7);
  CHECK(holds(away.error, "stayler: cannot reach " + url));
  CHECK(holds(away.error, "is the service running?"));
  const auto json = run_cli({"list", "--url", url, "--json"});
  CHECK(json.exit_code == 7);
  CHECK(json.out.empty());
  const auto problem = adapters::parse_json(json.error);
  REQUIRE(problem);
  CHECK(number_at(*problem, {"exitCode"}) == 7);
  CHECK_FALSE(text_at(*problem, {"hint"}).empty());
}

TEST_CASE("a profile that others can read is refused, and so is a key on the command line") {
  const temporary_folder folder;
  const auto file = folder.path() / "config.toml";
  const environment variables{{"STAYLER_CONFIG", file.string()}};
  write_private(file, "[profiles.a]\nurl = \"http://127.0.0.1:1\"\nreadonly = true\n");
  CHECK(holds(run_cli({"profile"}, variables).out, "reads only"));
  const auto refused = run_cli({"-p", "a", "pause", "image_conversion"}, variables);
  CHECK(refused.exit_code == 2);
  CHECK(holds(refused.error, "readonly = true"));
  CHECK(holds(run_cli({"-p", "b", "list"}, variables).error, "there are a"));
  CHECK(run_cli({"profile", "use", "a"}, variables).exit_code == 0);
  CHECK(holds(read_file(file), "default = \"a\""));
  write_private(file, "default = \"gone\"\n[profiles.a]\n");
  CHECK(run_cli({"list"}, variables).exit_code == 2);
  CHECK(run_cli({"profile", "use", "a"}, variables).exit_code == 0);
  ::chmod(file.c_str(), 0644);
  const auto open = run_cli({"profile"}, variables);
  CHECK(open.exit_code == 2);
  CHECK(holds(open.error, "chmod 600"));
  CHECK(run_cli({"list", "--key", "secret"}).exit_code == 2);
}

TEST_CASE("the scripts for shells and the manual page name every command") {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = run_cli({"completion", shell});
    CHECK(script.exit_code == 0);
    for (const auto* command : {"submit", "doctor", "redeliver", "--garment"}) {
      CHECK(holds(
          script.out, std::string{command}.substr(std::string{command}.find_first_not_of('-'))
      ));
    }
  }
  CHECK(run_cli({"completion", "powershell"}).exit_code == 2);
  CHECK(holds(run_cli({"reference", "man"}).out, ".SH EXIT STATUS"));
}

TEST_CASE("zsh and fish take their scripts, and fish completes by its own") {
  const temporary_folder folder;
  const auto script = [&](const std::string& shell) {
    const auto file = folder.path() / shell;
    std::ofstream{file} << run_cli({"completion", shell}).out;
    return file.string();
  };
  for (const auto* shell : {"zsh", "fish"}) {
    INFO(shell << " is needed: apt-get install " << shell);
    REQUIRE(std::filesystem::exists(std::string{"/usr/bin/"} + shell));
  }
  CHECK(run_program("/usr/bin/zsh", {"-f", "-n", script("zsh")}, {}).exit_code == 0);
  const auto completed = run_program(
      "/usr/bin/fish",
      {"-c",
       "source " + script("fish") + "; complete -C 'stayler dead re'; complete -C 'stayler sub'"},
      {{"HOME", folder.path().string()}}
  );
  INFO(completed.output);
  CHECK(holds(completed.output, "retry"));
  CHECK(holds(completed.output, "submit"));
}

TEST_CASE("bash completes commands, flags and their values by the script") {
  const temporary_folder folder;
  std::ofstream{folder.path() / "script"} << run_cli({"completion", "bash"}).out;
  const auto complete = [&](const std::string& words, int at) {
    const auto test = "source " + (folder.path() / "script").string() + "; COMP_WORDS=(" + words
                      + "); COMP_CWORD=" + std::to_string(at)
                      + "; compopt() { :; }; _stayler; echo \"${COMPREPLY[*]}\"";
    return run_program("/bin/bash", {"-c", test}, {}).output;
  };
  CHECK(holds(complete("stayler su", 1), "submit"));
  CHECK(holds(complete("stayler dead re", 2), "retry"));
  CHECK(holds(complete("stayler submit --quality h", 3), "high"));
  CHECK(holds(complete("stayler list --lim", 2), "--limit"));
  CHECK(holds(complete("stayler list sta", 2), "status:"));
}
