// SPDX-License-Identifier: MIT
#include "tests/support/servers/postgres/postgres_process.hpp"

#include "adapters/postgres/postgres_connection.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/servers/server_user.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

namespace stayler::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* advice =
    "PostgreSQL does not run; is it installed? apt-get install postgresql";

/// Debian keeps each version's programs in a folder of its own.
std::string find_programs() {
  std::string found;
  std::error_code error;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", error}) {
    if (fs::exists(version.path() / "bin" / "initdb")) {
      found = std::max(found, (version.path() / "bin").string());
    }
  }
  if (found.empty()) {
    FAIL(advice);
  }
  return found;
}

}  // namespace

postgres_process::postgres_process(std::string network)
    : network_(std::move(network)), programs_(find_programs()), port_(free_port()) {
  make_cluster();
  start();
}

postgres_process::postgres_process(standby_of what)
    : programs_(what.primary.programs_), port_(free_port()) {
  give_to_server_user(folder_.path());
  run_to_end(
      {"pg_basebackup", "--pgdata=" + (folder_.path() / "data").string(),
       "--dbname=" + what.primary.url(), "--write-recovery-conf", "--wal-method=stream",
       "--checkpoint=fast", "--no-sync"}
  );
  start();
}

postgres_process::~postgres_process() {
  end(SIGQUIT);
}

std::string postgres_process::url(const std::string& database, std::string_view with_password)
    const {
  return "postgres://" + std::string{user} + ":" + std::string{with_password}
         + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string postgres_process::new_database() {
  adapters::postgres_options patient{url()};
  patient.connect_timeout = patient.statement_timeout = patient.answer_timeout =
      milliseconds{30'000};
  auto connection = adapters::postgres_connection::open(patient);
  REQUIRE(connection);
  const std::string name = "test_" + std::to_string(++databases_);
  REQUIRE(connection->execute("CREATE DATABASE " + name));
  return url(name);
}

pid_t postgres_process::launch(std::vector<std::string> arguments) const {
  arguments.front() = programs_ + "/" + arguments.front();
  return launch_as_server_user(std::move(arguments), folder_.path() / "log");
}

void postgres_process::run_to_end(std::vector<std::string> arguments) const {
  const pid_t child = launch(std::move(arguments));
  int status = 0;
  ::waitpid(child, &status, 0);
  INFO(content_of(folder_.path() / "log"));
  if (status != 0) {
    FAIL(advice);
  }
}

void postgres_process::make_cluster() {
  const fs::path word = folder_.path() / "password";
  std::ofstream{word} << password << '\n';
  give_to_server_user(folder_.path());
  give_to_server_user(word);
  run_to_end(
      {"initdb", "--pgdata=" + (folder_.path() / "data").string(),
       "--username=" + std::string{user}, "--pwfile=" + word.string(), "--auth=scram-sha-256",
       "--encoding=UTF8", "--no-locale", "--no-sync"}
  );
  if (!network_.empty()) {
    std::ofstream{folder_.path() / "data" / "pg_hba.conf", std::ios::app}
        << "host all all " << network_ << " scram-sha-256\n";
  }
}

bool postgres_process::serves() const {
  adapters::postgres_options options{url()};
  options.connect_timeout = milliseconds{10'000};
  return static_cast<bool>(adapters::postgres_connection::open(options));
}

void postgres_process::start() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  const std::string addresses = network_.empty() ? "127.0.0.1" : "*";
  const auto launch_server = [&] {
    // Without fsync what was answered survives the end of the server, if not of the machine.
    pid_ = launch(
        {"postgres", "-D", folder_.path() / "data", "-p", std::to_string(port_), "-c",
         "listen_addresses=" + addresses, "-c",
         "unix_socket_directories=" + folder_.path().string(), "-c", "fsync=off"}
    );
  };
  launch_server();
  while (!serves()) {
    INFO(content_of(folder_.path() / "log"));
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    // After kill -9 it refuses to run until the last of its former processes is gone.
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      launch_server();
    }
  }
}

void postgres_process::promote() const {
  run_to_end({"pg_ctl", "promote", "--wait", "--pgdata=" + (folder_.path() / "data").string()});
}

void postgres_process::stop() {
  end(SIGINT);
}

void postgres_process::kill9() {
  signal_all(SIGKILL);
  end(SIGKILL);
}

void postgres_process::pause() const {
  signal_all(SIGSTOP);
}

void postgres_process::resume() const {
  signal_all(SIGCONT);
}

/// Each connection has a process in a group of its own.
void postgres_process::signal_all(int number) const {
  ::kill(pid_, number == SIGKILL ? SIGSTOP : number);  // it starts no others meanwhile
  const std::string id = std::to_string(pid_);
  std::ifstream children{"/proc/" + id + "/task/" + id + "/children"};
  for (pid_t child = 0; children >> child;) {
    ::kill(child, number);
  }
}

void postgres_process::end(int signal) {
  if (pid_ > 0) {
    resume();
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

}  // namespace stayler::test
