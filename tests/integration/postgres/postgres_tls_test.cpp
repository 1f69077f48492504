// SPDX-License-Identifier: MIT

// What sslmode and sslrootcert promise.

#include "tests/integration/record_store/postgres_fixture.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/servers/server_user.hpp"

#include <filesystem>
#include <string>

namespace stayler::adapters::conformance {

TEST_CASE("a server's certificate is checked as the URL says") {
  const test::temporary_folder ours;
  const test::temporary_folder of_others;
  test::make_certificates(ours.path(), {"localhost"});
  test::make_certificates(of_others.path(), {"localhost"});
  const test::temporary_folder of_server;
  for (const std::string name : {"localhost.pem", "localhost.key"}) {
    std::filesystem::copy(ours.path() / name, of_server.path() / name);
    test::give_to_server_user(of_server.path() / name);
  }
  test::give_to_server_user(of_server.path());
  postgres_process server;
  const std::string folder = of_server.path().string();
  tell(
      server.url(), {"ALTER SYSTEM SET ssl_cert_file = '" + folder + "/localhost.pem'",
                     "ALTER SYSTEM SET ssl_key_file = '" + folder + "/localhost.key'",
                     "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"}
  );
  const auto reached = [&](const std::string& host, const std::filesystem::path& authority) {
    std::string url = server.url();
    url.replace(url.find("127.0.0.1"), 9, host);
    return postgres_connection::open(
        at(url + "?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=" + authority.string())
    );
  };
  REQUIRE(becomes([&] { return reached("localhost", ours.path() / "ca.pem").has_value(); }));
  auto there = reached("localhost", ours.path() / "ca.pem");
  CHECK(
      there->execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")->text(0, 0) == "t"
  );
  const auto check_refused = [](const result<postgres_connection>& opened) {
    REQUIRE_FALSE(opened);
    INFO(opened.error().message);
    CHECK(opened.error().kind == error_class::unavailable);
    CHECK_THAT(opened.error().message, Catch::Contains("certificate"));
  };
  check_refused(reached("localhost", of_others.path() / "ca.pem"));
  check_refused(reached("elsewhere", ours.path() / "ca.pem"));
  check_refused(reached("localhost", ours.path() / "missing.pem"));
}

}  // namespace stayler::adapters::conformance
