// SPDX-License-Identifier: MIT
#include "tests/e2e/support/cluster.hpp"

#include "tests/e2e/support/node_stack.hpp"
#include "tests/support/application_tables.hpp"

#include <algorithm>
#include <array>
#include <csignal>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

constexpr const char* node_port = ":4700";

/// A table of whatever is written as a result, be it overwritten later.
constexpr std::array note_of_results{
    "CREATE TABLE results (conversion uuid, image uuid)",
    R"(CREATE FUNCTION note_result() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.result_image_id IS NOT NULL THEN
         INSERT INTO results VALUES (NEW.id, NEW.result_image_id);
       END IF;
       RETURN NEW;
       END $$)",
    R"(CREATE TRIGGER note_result AFTER INSERT OR UPDATE ON conversions
       FOR EACH ROW EXECUTE FUNCTION note_result())"};

std::string elsewhere(std::string url) {
  const std::string loopback = "127.0.0.1";
  return url.replace(url.find(loopback), loopback.size(), network_hosts::own_address);
}

}  // namespace

cluster::cluster(std::size_t conversions, const std::string& provider_latency)
    : redis_({"--bind", "127.0.0.1", network_hosts::own_address, "--protected-mode", "no"}),
      postgres_(network_hosts::subnet),
      database_url_(postgres_.new_database()),
      database_({database_url_}),
      sim_(std::make_unique<service_process>(
          GEMINI_SIM,
          std::vector<std::string>{
              "--address", network_hosts::own_address, "--port", "0", "--picture-size", "352",
              "--latency", provider_latency},
          environment{},
          folder_.path() / "sim.log"
      )) {
  make_tables(conversions);
  std::vector<std::string> names = coordinators();
  const auto workers = nodes();
  names.insert(names.end(), workers.begin(), workers.end());
  std::vector<std::string> certificates;
  for (const std::string& name : names) {
    network_.add(name);
    const bool is_coordinator = name.starts_with('c');
    certificates.push_back(
        is_coordinator ? "coordinator:" + name + "," + network_.address_of(name) : "node:" + name
    );
  }
  make_certificates(folder_.path() / "certificates", certificates);
  for (const std::string& name : names) {
    start(name);
  }
  wait_until(
      "all nodes have joined", [&] { return joined(nodes()) == 3 * slots_per_node; }, 60s
  );
}

std::string cluster::conversion_id(std::size_t number) {
  const std::string digits = std::to_string(number);
  return "2c000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

void cluster::make_tables(std::size_t conversions) {
  for (const char* sql : application_tables) {
    static_cast<void>(value(sql));
  }
  for (const char* sql : note_of_results) {
    static_cast<void>(value(sql));
  }
  for (std::size_t number = 0; number < conversions; ++number) {
    static_cast<void>(value(
        "INSERT INTO conversions VALUES ('" + conversion_id(number) + "', '" + user
        + "', NULL, NULL, 'pending')"
    ));
  }
}

environment cluster::settings_of(const std::string& name) const {
  const bool is_coordinator = name.starts_with('c');
  environment settings = worker_environment(folder_.path() / name, sim_->url());
  settings.merge(tls_settings(folder_.path() / "certificates", name));
  settings.merge(environment{
      {"STORAGE_URL", s3_.storage_url()},
      {"S3_ACCESS_KEY_ID", s3_server::key_id},
      {"S3_SECRET_ACCESS_KEY", s3_server::secret},
      {"WORKER_ROLE", is_coordinator ? "coordinator" : "worker"}});
  if (is_coordinator) {
    settings.merge(environment{
        {"NODE_LISTEN", network_.address_of(name) + node_port},
        {"QUEUE_BACKEND", "redis"},
        {"QUEUE_MAX_JOBS", "0"},
        {"REDIS_URL", elsewhere(redis_.url())},
        {"DATABASE_URL", elsewhere(database_url_)},
        {"WORKER_HISTORY_FILE", (folder_.path() / (name + ".history")).string()},
        {"WORKER_MAX_AMBIGUOUS_CALLS", "5"}});
    settings["WORKER_RETRY_DELAY"] = "1s";
    settings["WORKER_MAX_RETRIES"] = settings["RETRY_MAX_RETRIES"] = "20";
    settings["RETRY_MAX_DELAY"] = "2s";
  } else {
    settings["NODE_NAME"] = name;
    settings["NODE_JOIN"] =
        network_.address_of("c1") + node_port + "," + network_.address_of("c2") + node_port;
    settings["WORKER_MAX_WORKERS"] = std::to_string(slots_per_node);
  }
  settings["WORKER_LOG_LEVEL"] = "warn,nodes=info";
  return settings;
}

void cluster::start(const std::string& name) {
  auto [program, arguments] = network_.command_on(name, STAYLER_WORKER);
  auto started = std::make_unique<service_process>(
      program, arguments, settings_of(name), folder_.path() / (name + ".log"),
      name.starts_with('c') ? service_process::awaited::address : service_process::awaited::nothing
  );
  const std::scoped_lock lock{mutex_};
  processes_[name] = std::move(started);
}

int cluster::stop(const std::string& name) {
  const int code = processes_.at(name)->stop(60s);
  INFO(processes_.at(name)->output());
  CHECK(code == 0);
  return code;
}

void cluster::kill(const std::string& name) {
  processes_.at(name)->signal(SIGKILL);
  REQUIRE(processes_.at(name)->wait(10s) == 128 + SIGKILL);
}

http_answer cluster::call(
    const std::string& coordinator,
    const std::string& method,
    const std::string& path,
    const std::string& body,
    const std::vector<std::string>& headers
) const {
  std::string url;
  {
    const std::scoped_lock lock{mutex_};
    url = processes_.at(coordinator)->url();
  }
  const host_visit there{network_, coordinator};
  return exchange(method, url + path, body, headers, 20s);
}

adapters::json_value cluster::get(const std::string& coordinator, const std::string& path) const {
  const auto answer = call(coordinator, "GET", path);
  return answer.status == 200 ? answer.json() : adapters::json_value{};
}

std::vector<adapters::json_value> cluster::workers() const {
  std::vector<adapters::json_value> all;
  for (const std::string& coordinator : coordinators()) {
    const auto answer = get(coordinator, "/worker/workers");
    if (const auto* some = at(answer, {"workers"}).as<adapters::json_value::array>()) {
      all.insert(all.end(), some->begin(), some->end());
    }
  }
  return all;
}

std::size_t cluster::joined(const std::vector<std::string>& names) const {
  const auto all = workers();
  return static_cast<std::size_t>(std::ranges::count_if(all, [&](const auto& worker) {
    return std::ranges::find(names, text_at(worker, {"node"})) != names.end();
  }));
}

std::vector<std::string> cluster::jobs_of(const std::string& node) const {
  std::vector<std::string> jobs;
  for (const auto& worker : workers()) {
    const std::string job = text_at(worker, {"currentJob"});
    if (text_at(worker, {"node"}) == node && !job.empty()) {
      jobs.push_back(job);
    }
  }
  return jobs;
}

std::string cluster::value(const std::string& sql) {
  const auto rows = database_.query(sql);
  INFO(sql << ": " << (rows ? "" : rows.error().message));
  REQUIRE(rows);
  return rows->size() == 0 ? "" : rows->text(0, 0);
}

std::vector<std::filesystem::path> cluster::histories() const {
  std::vector<std::filesystem::path> files;
  for (const std::string& name : coordinators()) {
    files.push_back(folder_.path() / (name + ".history"));
  }
  return files;
}

std::int64_t cluster::sim_count(std::initializer_list<std::string_view> path) const {
  return number_at(exchange("GET", sim_->url() + "/sim/stats").json(), path);
}

}  // namespace stayler::test
