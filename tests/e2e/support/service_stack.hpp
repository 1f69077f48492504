// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/http_exchange.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/programs/service_process.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

using environment = std::map<std::string, std::string>;

/// What a job that is asked for names besides its two photos.
struct conversion {
  std::string conversion_id;  ///< empty: a new one
  std::string user_id = "ann";
  std::string prompt;        ///< may hold orders to the sim, such as [[sim:503 x1]]
  std::string other_fields;  ///< JSON members of the job, each after a comma
  bool may_share = false;    ///< take a picture that was made before, or for another
};

using job_visitor = std::function<void(const adapters::json_value&)>;

/// What GETs a path of the API.
using api_reader = std::function<adapters::json_value(const std::string&)>;

/// Visits every job, the newest first, page by page.
void each_job(const api_reader& get, const job_visitor& visit);

/// The state of every job, by id.
std::map<std::string, std::string> job_states(const api_reader& get);

/// The worker and the sim as they are delivered, each a process with a data folder that goes away
/// with the test. The worker's waits are short; `changes` overrides its environment.
class service_stack {
 public:
  explicit service_stack(
      const environment& changes = {}, std::vector<std::string> sim_arguments = {}
  );

  [[nodiscard]] service_process& worker() { return *worker_; }
  [[nodiscard]] service_process& sim() { return *sim_; }

  /// Starts the worker, which has ended, once more with the same data and, but for these changes,
  /// the same settings.
  void start_worker(const environment& changes = {});

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  /// An exchange with the worker's API.
  http_answer call(
      const std::string& method,
      const std::string& path,
      const std::string& body = "",
      const std::vector<std::string>& headers = {"Content-Type: application/json"},
      std::chrono::milliseconds timeout = std::chrono::seconds{20}
  ) const;
  [[nodiscard]] http_answer get(const std::string& path) const { return call("GET", path); }

  /// POST /images; the id of the stored image.
  [[nodiscard]] std::string upload(const std::string& bytes) const;

  /// The person and the garment that the repository ships, uploaded once.
  const std::string& person();
  const std::string& garment();

  /// The body of a job for the person and the garment.
  std::string job_body(const conversion& wanted = {});

  /// Submits a job, which has to be taken; its id.
  std::string submit(const conversion& wanted = {});

  /// The job once its state is final, asked for again where the queue is restarting; the test fails
  /// where that takes too long.
  [[nodiscard]] adapters::json_value final_job(
      const std::string& id, std::chrono::milliseconds limit = std::chrono::seconds{30}
  ) const;

  /// Visits every job that the service has, the newest first.
  void each_job(const job_visitor& visit) const;

  /// Until no job waits or runs; the test fails where that takes too long.
  void wait_for_quiet(std::chrono::milliseconds limit) const;

  /// The sum of a metric's samples whose labels hold that text, from one reading of /metrics.
  [[nodiscard]] double metric(std::string_view name, std::string_view labels = "") const;

  /// What the worker says of itself, for who wonders why it does not do what it should.
  [[nodiscard]] std::string describe() const;

  /// A counter of the sim's, such as "generateCalls".
  [[nodiscard]] std::int64_t sim_count(std::initializer_list<std::string_view> path) const;

 private:
  temporary_folder folder_;
  std::unique_ptr<service_process> sim_;
  environment settings_;
  std::unique_ptr<service_process> worker_;
  std::string person_;
  std::string garment_;
  int conversions_ = 0;
};

/// Asks again, with short pauses, until it holds; the test fails, naming it and with that
/// description of what is instead, where it never does.
void wait_until(
    std::string_view what,
    const std::function<bool()>& holds_now,
    std::chrono::milliseconds limit = std::chrono::seconds{20},
    const std::function<std::string()>& describe = {}
);

/// The settings of a worker in tests: free ports, a key, short waits.
environment worker_environment(const std::filesystem::path& data, const std::string& gemini_url);

/// The bytes of each file below the folder, but for what goes away meanwhile.
std::map<std::filesystem::path, std::string> contents_below(const std::filesystem::path& folder);

/// A file's bytes.
std::string read_file(const std::filesystem::path& file);

/// Bytes as the body of a request.
std::string as_text(const byte_vector& bytes);

/// A value of a header in an answer's head, empty where there is none.
std::string header_of(const http_answer& answer, std::string_view name);

}  // namespace stayler::test
