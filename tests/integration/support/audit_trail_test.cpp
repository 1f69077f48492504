// SPDX-License-Identifier: MIT

// What becomes of an audit record: a whole line in the file and one in the log, or an error there.

#include "adapters/audit/audit_trail.hpp"

#include "adapters/audit/file_audit_trail.hpp"
#include "adapters/audit/log_audit_trail.hpp"
#include "adapters/log/log.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using stayler::test::captured_stderr;
using stayler::test::temporary_folder;

namespace {

constexpr timestamp noon{milliseconds{1'767'268'800'123}};

audit_record record(const std::string& target) {
  return {noon, "127.0.0.1", "ops", "DELETE /worker/jobs/{id}", target, "request-1", 409};
}

std::string line_for(const std::string& target) {
  return R"({"time":"2026-01-01T12:00:00.123Z","who":"127.0.0.1","key":"ops",)"
         R"("action":"DELETE /worker/jobs/{id}","target":")"
         + target + R"(","requestId":"request-1","status":409})";
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The trail writes on its own thread.
void await(const captured_stderr& log, std::string_view part) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!holds(log.text(), part) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
}

/// While it lives, no file can grow beyond that size: a full disk for one process.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit tight{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

}  // namespace

TEST_CASE("a record is one line of the log") {
  configure_log({}, {});
  const captured_stderr log;
  make_log_audit_trail()->add(record("job-1"));
  REQUIRE(log.lines().size() == 1);
  CHECK(log.lines()[0].ends_with(
      " info audit: state change who=127.0.0.1 key=ops action=\"DELETE /worker/jobs/{id}\" "
      "target=job-1 requestId=request-1 status=409"
  ));
}

TEST_CASE("a record is one line of the file too, behind those that are there") {
  configure_log({}, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  const captured_stderr log;
  for (const auto* target : {"one", "two"}) {
    const auto trail = open_file_audit_trail(file).value();
    trail->add(record(target));
  }
  CHECK(lines_of(file) == std::vector{line_for("one"), line_for("two")});
  CHECK(log.lines().size() == 2);
}

TEST_CASE("a record says what has changed, and a sum of how many calls it is") {
  configure_log({}, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  const captured_stderr log;
  auto change = record("maxWorkers");
  change.details = "maxWorkers: 5 -> 2";
  auto sum = record("");
  sum.calls = 37;
  {
    const auto trail = open_file_audit_trail(file).value();
    trail->add(change);
    trail->add(sum);
  }
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with(R"("status":409,"details":"maxWorkers: 5 -> 2"})"));
  CHECK(lines[1].ends_with(R"("status":409,"calls":37})"));
  CHECK(holds(log.lines()[0], " info audit: "));
  CHECK(holds(log.lines()[1], " warning audit: calls were turned away"));
  CHECK(holds(log.lines()[1], "calls=37"));
}

TEST_CASE("trails that share a file do not mix their lines") {
  const captured_stderr log;
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  constexpr int records_each = 500;
  const auto write = [&file](const std::string& target) {
    const auto trail = open_file_audit_trail(file).value();
    for (int i = 0; i < records_each; ++i) {
      trail->add(record(target));
    }
  };
  const std::string small = "s";
  const std::string large(8'000, 'l');
  {
    const std::jthread one{write, small};
    const std::jthread other{write, large};
  }
  const auto lines = lines_of(file);
  CHECK(std::count(lines.begin(), lines.end(), line_for(small)) == records_each);
  CHECK(std::count(lines.begin(), lines.end(), line_for(large)) == records_each);
  CHECK(lines.size() == 2 * records_each);
}

TEST_CASE("a record that cannot be written is an error in the log") {
  configure_log({}, {});
  const captured_stderr log;
  const auto trail = open_file_audit_trail("/dev/full").value();
  CHECK(trail->lost() == 0);
  trail->add(record("lost"));
  await(log, "No space left");
  CHECK(trail->lost() == 1);
  const auto lines = log.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].ends_with(
      " error audit: an audit record is missing in the file action=\"DELETE /worker/jobs/{id}\" "
      "requestId=request-1 reason=\"No space left on device\""
  ));
}

TEST_CASE("a record that the disk cuts off does not spoil the next one") {
  configure_log({}, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  // The log must stay below the limit.
  const std::string earlier(100'000, 'e');
  std::ofstream{file} << earlier << '\n';
  const captured_stderr log;
  {
    const auto trail = open_file_audit_trail(file).value();
    {
      const file_size_limit full{earlier.size() + line_for("one").size() + 2 + 20};
      for (const auto* target : {"one", "cut off", "lost"}) {
        trail->add(record(target));
      }
      await(log, "File too large");
    }
    trail->add(record("later"));
  }
  CHECK(holds(log.text(), "only a part of it could be written"));
  CHECK(
      lines_of(file)
      == std::vector{earlier, line_for("one"), line_for("cut off").substr(0, 20), line_for("later")}
  );
}

TEST_CASE("a file that cannot be opened is refused with its name and the reason") {
  const auto refused = open_file_audit_trail("/nowhere/at/all");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().message == "audit file /nowhere/at/all: No such file or directory");
}
