// SPDX-License-Identifier: MIT
// The program's flags, its exit codes, and the clear line for every setting that cannot be used.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/certificates.hpp"

#include <fstream>

using namespace stayler;
using namespace stayler::test;

namespace {

finished_run run_worker(
    const std::vector<std::string>& arguments, const environment& settings = {}
) {
  return run_program(STAYLER_WORKER, arguments, settings);
}

}  // namespace

TEST_CASE("the program explains itself") {
  const auto help = run_worker({"--help"});
  CHECK(help.exit_code == 0);
  CHECK(holds(help.output, "WORKER_MAX_WORKERS"));
  const auto version = run_worker({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(holds(version.output, "stayler-worker "));
  const auto checked = run_worker({"--check-config"}, {{"GEMINI_API_KEY", "k"}});
  INFO(checked.output);
  CHECK(checked.exit_code == 0);
}

TEST_CASE("a setting that cannot be used stops the program with its name and what is allowed") {
  const auto bad = run_worker({"--check-config"}, {{"WORKER_MAX_WORKERS", "many"}});
  CHECK(bad.exit_code == 2);
  CHECK(holds(bad.output, "WORKER_MAX_WORKERS"));
  CHECK(holds(bad.output, "many"));
  CHECK(holds(bad.output, "10000"));
  const auto misspelt = run_worker({"--check-config"}, {{"WORKER_MAX_WORKER", "5"}});
  CHECK(misspelt.exit_code == 2);
  CHECK(holds(misspelt.output, "WORKER_MAX_WORKER"));
  CHECK(run_worker({"--no-such-flag"}).exit_code == 2);
  CHECK(run_worker({"--config", "/no/such/file"}).exit_code == 2);
}

TEST_CASE("what Kubernetes puts into the environment is told from settings") {
  const auto linked = run_worker(
      {"--check-config"},
      {{"WORKER_HTTP_PORT", "tcp://10.0.0.7:8080"}, {"WORKER_HTTP_SERVICE_HOST", "10.0.0.7"}}
  );
  INFO(linked.output);
  CHECK(linked.exit_code == 0);
  CHECK(holds(linked.output, "WORKER_HTTP_PORT: ignored"));
  const auto likeness = run_worker({"--check-config"}, {{"S3_SECRET_KEY", "hunter2"}});
  CHECK(likeness.exit_code == 0);
  CHECK(holds(likeness.output, "the nearest is S3_SECRET_ACCESS_KEY"));
  CHECK_FALSE(holds(likeness.output, "hunter2"));
}

TEST_CASE("checking the configuration looks at the certificates too") {
  const temporary_folder folder;
  make_certificates(folder.path(), {"a", "b"});
  const auto file = [&](const std::string& name) { return (folder.path() / name).string(); };
  const auto check = [&](const std::string& certificate, const std::string& key) {
    return run_worker(
        {"--check-config"},
        {{"WORKER_TLS_CERTIFICATE", file(certificate)}, {"WORKER_TLS_KEY", file(key)}}
    );
  };
  CHECK(check("a.pem", "a.key").exit_code == 0);
  const auto mixed = check("a.pem", "b.key");
  CHECK(mixed.exit_code == 2);
  CHECK(holds(mixed.output, "WORKER_TLS_KEY: " + file("b.key") + " is not the key of"));
  const auto missing = check("none", "b.key");
  CHECK(missing.exit_code == 2);
  CHECK(holds(missing.output, "WORKER_TLS_CERTIFICATE: cannot read " + file("none")));
}

TEST_CASE("flags win over the environment, and that over the file") {
  service_stack stack;
  const auto file = stack.folder() / "worker.env";
  std::ofstream{file} << "# three settings\nWORKER_MAX_WORKERS=2\nWORKER_MAX_RETRIES=1\n"
                         "RETRY_MAX_DELAY=7s\n";
  auto settings = worker_environment(stack.folder() / "other", stack.sim().url());
  settings.erase("RETRY_MAX_DELAY");
  settings["WORKER_MAX_RETRIES"] = "2";
  settings["WORKER_MAX_WORKERS"] = "3";
  const service_process worker{
      STAYLER_WORKER,
      {"--config", file.string(), "--worker-max-workers=4"},
      settings,
      stack.folder() / "other.log"};
  const auto shown = exchange("GET", worker.url() + "/worker/config").json();
  CHECK(number_at(shown, {"maxWorkers"}) == 4);
  CHECK(number_at(shown, {"maxRetries"}) == 2);
  CHECK(text_at(shown, {"retry", "maxDelay"}) == "7s");
}

TEST_CASE("the probes have a port of their own, and a port in use stops the program") {
  service_stack stack;
  REQUIRE_FALSE(stack.worker().probe_url().empty());
  CHECK(exchange("GET", stack.worker().probe_url() + "/health/ready").status == 200);
  CHECK(exchange("GET", stack.worker().probe_url() + "/metrics").status == 200);
  CHECK(exchange("GET", stack.worker().probe_url() + "/worker/jobs").status == 404);
  auto settings = worker_environment(stack.folder() / "other", stack.sim().url());
  const auto& url = stack.worker().url();
  settings["WORKER_HTTP_PORT"] = url.substr(url.rfind(':') + 1);
  const auto second = run_worker({}, settings);
  CHECK(second.exit_code == 1);
  CHECK(holds(second.output, settings["WORKER_HTTP_PORT"]));
}
