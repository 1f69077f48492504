// SPDX-License-Identifier: MIT

// What the service writes is for its own user alone, and what it knows for itself.

#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace stayler::test;
namespace fs = std::filesystem;

namespace {

constexpr uid_t nobody = 65'534;

fs::path in_proc(const service_process& of, const std::string& file) {
  return fs::path{"/proc"} / std::to_string(of.pid()) / file;
}

std::string text_of(const fs::path& file) {
  std::ifstream read{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{read}, {}};
}

/// The program as a user who is not root: to root all of /proc belongs anyway.
service_process start_as_user(const fs::path& folder, const std::string& allows_core_files) {
  auto settings = worker_environment(folder / "data", "http://127.0.0.1:1");
  settings["WORKER_CORE_FILES"] = allows_core_files;
  if (geteuid() != 0) {
    return {STAYLER_WORKER, {}, settings, folder / "log"};
  }
  REQUIRE(chown(folder.c_str(), nobody, nobody) == 0);
  const std::string user = std::to_string(nobody);
  return {
      "/usr/bin/setpriv",
      {"--reuid", user, "--regid", user, "--clear-groups", STAYLER_WORKER},
      settings,
      folder / "log"};
}

}  // namespace

TEST_CASE("nobody else on the machine can read photos, jobs, records or the audit trail") {
  service_stack stack;
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator{stack.folder() / "data"}) {
    INFO(entry.path());
    constexpr auto others = fs::perms::group_all | fs::perms::others_all;
    if (!entry.is_socket()) {
      CHECK((entry.status().permissions() & others) == fs::perms::none);
    }
    ++seen;
  }
  CHECK(seen > 5);
}

TEST_CASE("the environment has no secrets any more once they are read") {
  service_stack stack;
  const std::string environment = text_of(in_proc(stack.worker(), "environ"));
  CHECK(holds(environment, "GEMINI_BASE_URL=http"));
  CHECK_FALSE(holds(environment, "test-key-3f9a"));
}

TEST_CASE("neither a core file nor a process of the same user shows what the service knows") {
  for (const bool is_allowed : {false, true}) {
    const temporary_folder folder;
    const auto service = start_as_user(folder.path(), is_allowed ? "true" : "false");
    const std::string limits = text_of(in_proc(service, "limits"));
    const auto core = limits.find("Max core file size");
    REQUIRE(core != std::string::npos);
    // What cannot be traced or dumped belongs to root in /proc.
    struct stat memory {};
    REQUIRE(stat(in_proc(service, "mem").c_str(), &memory) == 0);
    CHECK((memory.st_uid == 0) == !is_allowed);
    if (!is_allowed) {
      CHECK(limits.substr(core, 60).find(" 0 ") != std::string::npos);
    }
  }
}
