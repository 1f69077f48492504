// SPDX-License-Identifier: MIT
#include "tests/support/servers/postgres/pgbouncer_process.hpp"

#include "adapters/postgres/postgres_connection.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/servers/server_user.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <thread>

namespace stayler::test {

namespace fs = std::filesystem;

pgbouncer_process::pgbouncer_process(const postgres_process& server)
    : server_port_(server.port()), port_(free_port()) {
  const fs::path program = "/usr/sbin/pgbouncer";
  if (!fs::exists(program)) {
    FAIL("PgBouncer is missing: apt-get install pgbouncer");
  }
  const fs::path users = folder_.path() / "users";
  const fs::path settings = folder_.path() / "settings";
  std::ofstream{users} << '"' << postgres_process::user << "\" \"" << postgres_process::password
                       << "\"\n";
  std::ofstream{settings} << "[databases]\n* = host=127.0.0.1 port=" << server_port_
                          << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port_
                          << "\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = "
                          << users.string()
                          << "\npool_mode = transaction\ndefault_pool_size = 2\n"
                             "server_login_retry = 0.1\n";
  for (const fs::path& owned : {folder_.path(), users, settings}) {
    give_to_server_user(owned);
  }
  const fs::path log = folder_.path() / "log";
  pid_ = launch_as_server_user({program.string(), settings.string()}, log);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!adapters::postgres_connection::open({through(server.url())})) {
    INFO(content_of(log));
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    REQUIRE(::waitpid(pid_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

pgbouncer_process::~pgbouncer_process() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string pgbouncer_process::through(std::string url) const {
  const std::string direct = ":" + std::to_string(server_port_) + "/";
  return url.replace(url.find(direct), direct.size(), ":" + std::to_string(port_) + "/");
}

}  // namespace stayler::test
