// SPDX-License-Identifier: MIT
#include "tests/e2e/support/service_stack.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <utility>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

constexpr auto poll_pause = 5ms;

bool is_final(const adapters::json_value& job) {
  const std::string status = text_at(job, {"status"});
  return status == "completed" || status == "failed" || status == "cancelled";
}

/// Adds the value of a line `name{labels} value` where name and labels are the wanted ones.
double sample(std::string_view line, std::string_view name, std::string_view labels) {
  const auto end_of_name = line.find_first_of("{ ");
  const auto value = line.rfind(' ');
  if (line.substr(0, end_of_name) != name || value == std::string_view::npos
      || !holds(line.substr(0, value), labels)) {
    return 0;
  }
  return std::stod(std::string{line.substr(value + 1)});
}

}  // namespace

environment worker_environment(const std::filesystem::path& data, const std::string& gemini_url) {
  return {
      {"WORKER_HTTP_PORT", "0"},
      {"WORKER_HEALTH_CHECK_PORT", "0"},
      {"WORKER_DATA_DIR", data.string()},
      {"GEMINI_API_KEY", "test-key-3f9a"},
      {"GEMINI_BASE_URL", gemini_url},
      {"GEMINI_TIMEOUT", "10"},
      {"RETRY_INITIAL_DELAY", "50ms"},
      {"RETRY_MAX_DELAY", "200ms"},
      {"WORKER_RETRY_DELAY", "50ms"},
      {"WORKER_POLL_INTERVAL", "100ms"},
      {"WORKER_ENABLE_CHAOS", "true"},
      // Faults that the sim plays teach nothing about a quota.
      {"GEMINI_REQUESTS_PER_MINUTE", "1000000"},
  };
}

service_stack::service_stack(const environment& changes, std::vector<std::string> sim_arguments) {
  // The smallest pictures of the samples' shape that the worker takes for results.
  sim_arguments.insert(sim_arguments.begin(), {"--port", "0", "--picture-size", "352"});
  sim_ = std::make_unique<service_process>(
      GEMINI_SIM, std::move(sim_arguments), environment{}, folder_.path() / "sim.log"
  );
  settings_ = worker_environment(folder_.path() / "data", sim_->url());
  start_worker(changes);
}

void service_stack::start_worker(const environment& changes) {
  for (const auto& [name, value] : changes) {
    settings_[name] = value;
  }
  worker_.reset();
  worker_ = std::make_unique<service_process>(
      STAYLER_WORKER, std::vector<std::string>{}, settings_, folder_.path() / "worker.log"
  );
  wait_until("the worker is ready", [this] { return get("/health/ready").status == 200; });
}

http_answer service_stack::call(
    const std::string& method,
    const std::string& path,
    const std::string& body,
    const std::vector<std::string>& headers,
    std::chrono::milliseconds timeout
) const {
  return exchange(method, worker_->url() + path, body, headers, timeout);
}

std::string service_stack::upload(const std::string& bytes) const {
  const auto answer = call("POST", "/images", bytes, {"Content-Type: application/octet-stream"});
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return text_at(answer.json(), {"id"});
}

const std::string& service_stack::person() {
  if (person_.empty()) {
    person_ = upload(read_file(std::filesystem::path{STAYLER_ASSETS} / "person.jpg"));
  }
  return person_;
}

const std::string& service_stack::garment() {
  if (garment_.empty()) {
    garment_ = upload(read_file(std::filesystem::path{STAYLER_ASSETS} / "garment.png"));
  }
  return garment_;
}

std::string service_stack::job_body(const conversion& wanted) {
  std::string id = wanted.conversion_id;
  if (id.empty()) {
    id = "conversion-" + std::to_string(++conversions_);
  }
  return R"({"type":"image_conversion","conversionId":")" + id + R"(","userId":")" + wanted.user_id
         + R"(","payload":{"userImageId":")" + person() + R"(","clothImageId":")" + garment()
         + R"(","options":{"prompt":")" + wanted.prompt + R"(","noCache":)"
         + (wanted.may_share ? "false" : "true") + "}}" + wanted.other_fields + "}";
}

std::string service_stack::submit(const conversion& wanted) {
  const auto answer = call("POST", "/worker/jobs", job_body(wanted));
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return text_at(answer.json(), {"id"});
}

adapters::json_value service_stack::final_job(
    const std::string& id, std::chrono::milliseconds limit
) const {
  adapters::json_value job;
  wait_until(
      "job " + id + " is final",
      [&] {
        const auto answer = get("/worker/jobs/" + id);
        REQUIRE((answer.status == 200 || answer.status == 503));
        job = answer.json();
        return is_final(job);
      },
      limit
  );
  return job;
}

void service_stack::each_job(const job_visitor& visit) const {
  test::each_job([this](const std::string& path) { return get(path).json(); }, visit);
}

void service_stack::wait_for_quiet(std::chrono::milliseconds limit) const {
  const auto is_quiet = [this] {
    const auto answer = get("/worker/status");
    const auto status = answer.status == 200 ? answer.json() : adapters::json_value{};
    return number_at(status, {"pendingJobs"}) == 0 && number_at(status, {"scheduledJobs"}) == 0
           && number_at(status, {"processingJobs"}) == 0;
  };
  wait_until("all jobs have ended", is_quiet, limit, [this] { return describe(); });
}

std::string service_stack::describe() const {
  std::string text;
  for (const std::string path : {"status", "provider", "tree", "jobs?limit=3&status=processing"}) {
    const auto answer = get("/worker/" + path);
    text += path + ": " + std::to_string(answer.status) + ' ' + answer.body + '\n';
  }
  constexpr std::size_t enough = 4'000;
  const std::string said = worker_->output();
  return text + "the worker's last words:\n"
         + said.substr(said.size() - std::min(enough, said.size()));
}

double service_stack::metric(std::string_view name, std::string_view labels) const {
  const auto answer = get("/metrics");
  REQUIRE(answer.status == 200);
  double sum = 0;
  std::istringstream lines{answer.body};
  for (std::string line; std::getline(lines, line);) {
    sum += line.starts_with('#') ? 0 : sample(line, name, labels);
  }
  return sum;
}

std::int64_t service_stack::sim_count(std::initializer_list<std::string_view> path) const {
  return number_at(exchange("GET", sim_->url() + "/sim/stats").json(), path);
}

void each_job(const api_reader& get, const job_visitor& visit) {
  for (std::string cursor;;) {
    const auto page = get("/worker/jobs?limit=500" + cursor);
    const auto* jobs = at(page, {"jobs"}).as<adapters::json_value::array>();
    INFO(text_at(page, {"detail"}));
    REQUIRE(jobs != nullptr);
    std::ranges::for_each(*jobs, visit);
    if (text_at(page, {"nextCursor"}).empty()) {
      return;
    }
    cursor = "&cursor=" + text_at(page, {"nextCursor"});
  }
}

std::map<std::string, std::string> job_states(const api_reader& get) {
  std::map<std::string, std::string> states;
  each_job(get, [&](const adapters::json_value& job) {
    states[text_at(job, {"id"})] = text_at(job, {"status"});
  });
  return states;
}

void wait_until(
    std::string_view what,
    const std::function<bool()>& holds_now,
    std::chrono::milliseconds limit,
    const std::function<std::string()>& describe
) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds_now()) {
    if (std::chrono::steady_clock::now() > deadline) {
      FAIL("waited in vain until " << what << '\n' << (describe ? describe() : ""));
    }
    // What another process does cannot be awaited through its API, only asked for.
    std::this_thread::sleep_for(poll_pause);
  }
}

std::map<std::filesystem::path, std::string> contents_below(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::map<fs::path, std::string> contents;
  std::error_code gone;
  do {
    gone.clear();
    const fs::recursive_directory_iterator end;
    for (fs::recursive_directory_iterator at{folder, gone}; !gone && at != end;
         at.increment(gone)) {
      std::error_code unknown;
      std::ifstream in{at->path(), std::ios::binary};
      if (at->is_regular_file(unknown) && in) {
        contents[at->path()] = {std::istreambuf_iterator<char>{in}, {}};
      }
    }
    // A folder that goes away ends the listing: what stands behind it is looked at once more.
  } while (gone == std::errc::no_such_file_or_directory);
  REQUIRE_FALSE(gone);
  return contents;
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  REQUIRE(in);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::string as_text(const byte_vector& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string header_of(const http_answer& answer, std::string_view name) {
  const auto is_same_letter = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a))
           == std::tolower(static_cast<unsigned char>(b));
  };
  std::istringstream lines{answer.head};
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (colon == name.size()
        && std::equal(name.begin(), name.end(), line.begin(), is_same_letter)) {
      return line.substr(colon + 2, line.find('\r') - colon - 2);
    }
  }
  return {};
}

}  // namespace stayler::test
