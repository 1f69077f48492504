// SPDX-License-Identifier: MIT
// The whole API over TLS, as curl sees it, and a certificate that is renewed while it runs.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/tls_connection.hpp"

#include <filesystem>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// printf secret | sha256sum
const std::string keys =
    "ann:admin:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

struct certificate_folder {
  temporary_folder folder;

  explicit certificate_folder(const std::vector<std::string>& names = {"localhost"}) {
    make_certificates(folder.path(), names);
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return (folder.path() / name).string();
  }

  [[nodiscard]] environment settings() const {
    return {
        {"WORKER_TLS_CERTIFICATE", file("localhost.pem")},
        {"WORKER_TLS_KEY", file("localhost.key")},
        {"GEMINI_BUDGET_PER_DAY", "10"}};
  }
};

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

/// curl's output, its certificate check included.
std::string curl(
    service_stack& stack, const certificate_folder& certificates, const std::string& rest
) {
  const auto url = "https://localhost:" + std::to_string(port_of(stack.worker().url()));
  const auto run = run_program(
      "/bin/sh",
      {"-c", "curl -sS --noproxy '*' --max-time 30 --cacert " + certificates.file("ca.pem") + " "
                 + rest + " 2>&1"},
      {{"URL", url}}
  );
  INFO(run.output);
  CHECK(run.exit_code == 0);
  return run.output;
}

}  // namespace

TEST_CASE("the API over TLS: uploads, ranges, jobs and events") {
  const certificate_folder certificates;
  service_stack stack{certificates.settings()};
  CHECK(stack.worker().url().starts_with("https://"));
  const std::string picture = (std::filesystem::path{STAYLER_ASSETS} / "person.jpg").string();

  const auto head = curl(stack, certificates, "-I $URL/worker/status");
  CHECK(holds(head, "HTTP/1.1 200 OK"));
  CHECK(holds(head, "Strict-Transport-Security: max-age=31536000\r\n"));
  CHECK(holds(
      curl(stack, certificates, "-F file=@" + picture + " -F userId=ann $URL/images"), "\"id\":"
  ));
  const auto id = stack.person();
  const auto whole = curl(stack, certificates, "$URL/images/" + id);
  CHECK(curl(stack, certificates, "-r 100-199 $URL/images/" + id) == whole.substr(100, 100));

  const auto job = stack.submit();
  const auto events = curl(stack, certificates, "-N $URL/worker/jobs/" + job + "/events");
  CHECK(holds(events, "event: snapshot"));
  CHECK(holds(events, "\"status\":\"completed\""));
  CHECK(stack.worker().stop() == 0);
}

TEST_CASE("the port of the probes stays plain, and says when the certificate expires") {
  const certificate_folder certificates;
  service_stack stack{certificates.settings()};
  CHECK(stack.worker().probe_url().starts_with("http://"));
  const auto probe = exchange("GET", stack.worker().probe_url() + "/health/ready");
  CHECK(probe.status == 200);
  CHECK(header_of(probe, "X-Content-Type-Options") == "nosniff");
  CHECK(header_of(probe, "Strict-Transport-Security").empty());
  const auto in_800_days = std::chrono::system_clock::now() + 800 * 24h;
  wait_until("the expiry is known", [&] {
    return stack.metric("stayler_tls_certificate_expiry_timestamp_seconds")
           > static_cast<double>(std::chrono::system_clock::to_time_t(in_800_days));
  });
}

TEST_CASE("a renewed certificate is taken over without losing a connection") {
  const certificate_folder certificates{{"localhost", "other"}};
  service_stack stack{certificates.settings()};
  const auto port = port_of(stack.worker().url());
  const std::string request = "GET /worker/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
  tls_connection held{port};
  held.send(request);
  CHECK(held.read_answer().status == 200);
  const auto rename = [&](const std::string& from, const std::string& to) {
    std::filesystem::rename(certificates.file(from), certificates.file(to));
  };

  // A key alone does not fit: the pair that is there goes on.
  rename("other.key", "localhost.key");
  wait_until("the pair was refused", [&] {
    return holds(stack.worker().output(), "the changed certificate cannot be used");
  });
  CHECK(holds(stack.worker().output(), "WORKER_TLS_KEY: "));
  CHECK(tls_connection{port}.serial() == held.serial());

  rename("other.pem", "localhost.pem");
  wait_until("the new one is shown", [&] {
    return tls_connection{port}.serial() != held.serial();
  });
  CHECK(holds(stack.worker().output(), "the API has a new certificate"));
  held.send(request);
  CHECK(held.read_answer().status == 200);
}

TEST_CASE("certificates that cannot be used stop the start") {
  const certificate_folder certificates{{"localhost", "other"}};
  auto settings = worker_environment(certificates.folder.path() / "data", "http://127.0.0.1:1");
  settings.merge(certificates.settings());
  settings["WORKER_TLS_KEY"] = certificates.file("other.key");
  const auto run = run_program(STAYLER_WORKER, {}, settings);
  CHECK(run.exit_code == 1);
  CHECK(holds(
      run.output, "WORKER_TLS_KEY: " + certificates.file("other.key") + " is not the key of "
                      + certificates.file("localhost.pem")
  ));
}

TEST_CASE("the start warns of a key for all eyes and of an early end, and else says nothing") {
  const certificate_folder certificates;
  const auto said_with = [&](const environment& changes) {
    auto settings = worker_environment(certificates.folder.path() / "data", "http://127.0.0.1:1");
    settings.merge(environment{changes});
    settings.merge(certificates.settings());
    settings["WORKER_API_KEYS"] = keys;
    settings["WORKER_HTTP_ADDRESS"] = "0.0.0.0";
    const auto log = certificates.folder.path() / "log";
    std::filesystem::remove(log);
    service_process worker{STAYLER_WORKER, {}, settings, log};
    CHECK(worker.stop() == 0);
    return worker.output();
  };
  const auto quiet = said_with({});
  INFO(quiet);
  CHECK_FALSE(holds(quiet, "in the clear"));
  CHECK_FALSE(holds(quiet, "private key"));
  CHECK_FALSE(holds(quiet, "expires"));

  const auto brief = run_program(
      "/bin/sh",
      {"-c", "openssl req -x509 -key " + certificates.file("localhost.key")
                 + " -subj /CN=localhost -days 13 -out " + certificates.file("brief.pem")
                 + " && chmod 644 " + certificates.file("localhost.key")},
      {}
  );
  REQUIRE(brief.exit_code == 0);
  const auto warned = said_with({{"WORKER_TLS_CERTIFICATE", certificates.file("brief.pem")}});
  INFO(warned);
  CHECK(holds(warned, "the API's certificate expires soon"));
  CHECK(holds(warned, "everybody on this machine may read a private key"));
}
