// SPDX-License-Identifier: MIT
#include "tests/support/servers/server_user.hpp"

#include "tests/support/catch.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>

namespace stayler::test {

namespace {

namespace fs = std::filesystem;

/// The user whom the server runs as, null for our own.
const passwd* server_user() {
  if (::geteuid() != 0) {
    return nullptr;
  }
  const passwd* found = ::getpwnam("postgres");
  if (found == nullptr) {
    FAIL("there is no user postgres: apt-get install postgresql");
  }
  return found;
}

[[noreturn]] void run(std::vector<std::string> arguments, const passwd* as, const fs::path& log) {
  const int output = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (as != nullptr
      && (::setgroups(0, nullptr) != 0 || ::setgid(as->pw_gid) != 0 || ::setuid(as->pw_uid) != 0)) {
    ::_exit(127);
  }
  // A test that crashes leaves no server behind.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  std::vector<char*> raw;
  for (std::string& argument : arguments) {
    raw.push_back(argument.data());
  }
  raw.push_back(nullptr);
  ::execv(raw.front(), raw.data());
  ::_exit(127);
}

}  // namespace

pid_t launch_as_server_user(std::vector<std::string> arguments, const fs::path& log) {
  const passwd* as = server_user();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    run(std::move(arguments), as, log);
  }
  return child;
}

void give_to_server_user(const fs::path& owned) {
  if (const passwd* as = server_user()) {
    REQUIRE(::chown(owned.c_str(), as->pw_uid, as->pw_gid) == 0);
  }
}

std::string content_of(const fs::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace stayler::test
