// SPDX-License-Identifier: MIT

// What becomes of an audit record: a whole line in the file and one in the log, or an error there;
// and how the trail is read again.

#include "adapters/audit/audit_trail.hpp"

#include "adapters/audit/file/file_audit_trail.hpp"
#include "adapters/audit/log_audit_trail.hpp"
#include "adapters/log/log.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <memory>
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
  return R"("time":"2026-01-01T12:00:00.123Z","who":"127.0.0.1","key":"ops",)"
         R"("action":"DELETE /worker/jobs/{id}","target":")"
         + target + R"(","requestId":"request-1","status":409,"hash":")";
}

/// The records are of a day that is long past, and nothing of them is to go.
constexpr audit_retention for_ever{.kept = milliseconds{3'000'000'000'000}};

std::unique_ptr<audit_trail> open_trail(const std::filesystem::path& file) {
  return open_file_audit_trail({.file = file, .key = std::string(32, 'k'), .retention = for_ever})
      .value();
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
    const auto trail = open_trail(file);
    trail->add(record(target));
  }
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with(R"({"sequence":1,)" + line_for("one")));
  CHECK(lines[1].starts_with(R"({"sequence":2,)" + line_for("two")));
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
    const auto trail = open_trail(file);
    trail->add(change);
    trail->add(sum);
  }
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(holds(lines[0], R"("status":409,"details":"maxWorkers: 5 -> 2","hash")"));
  CHECK(holds(lines[1], R"("status":409,"calls":37,"hash")"));
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
    const auto trail = open_trail(file);
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
  const auto count = [lines = lines_of(file)](const std::string& part) {
    return std::ranges::count_if(lines, [&part](const auto& line) { return holds(line, part); });
  };
  CHECK(count(line_for(small)) == records_each);
  CHECK(count(line_for(large)) == records_each);
  CHECK(count("") == 2 * records_each);
}

TEST_CASE("a record that the disk has no room for is an error in the log, and spoils no other") {
  settings quiet;
  quiet.log_level = "error";
  configure_log(quiet, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  const captured_stderr log;
  // The log has to stay below the limit, too.
  const std::string large(100'000, 'l');
  {
    const auto trail = open_trail(file);
    trail->add(record(large));
    while (lines_of(file).empty()) {
      std::this_thread::yield();
    }
    {
      const file_size_limit full{std::filesystem::file_size(file) + 20};
      trail->add(record("lost"));
      await(log, "an audit record is missing in the file");
    }
    CHECK(trail->lost() == 1);
    trail->add(record("later"));
  }
  configure_log({}, {});
  CHECK(holds(log.text(), "reason=\"there is no room for all of it\""));
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].starts_with(R"({"sequence":2,)" + line_for("later")));
}

TEST_CASE("an audit file that cannot be used is refused with its name and the reason") {
  const auto refused = open_file_audit_trail(
      {.file = "/nowhere/at/all", .key = std::string(32, 'k'), .retention = for_ever}
  );
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().message == "audit file /nowhere/at/all: No such file or directory");
  const std::string key(32, 'k');
  const auto device =
      open_file_audit_trail({.file = "/dev/full", .key = key, .retention = for_ever});
  REQUIRE_FALSE(device);
  CHECK(device.error().message == "audit file /dev/full: it is no regular file");
}

TEST_CASE("records of a version without a chain are put aside") {
  configure_log({}, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  std::ofstream{file} << R"({"time":"2026-01-01T12:00:00.123Z","who":"127.0.0.1"})" << '\n';
  const captured_stderr log;
  open_trail(file)->add(record("new"));
  REQUIRE(lines_of(file).size() == 1);
  CHECK(lines_of(file)[0].starts_with(R"({"sequence":1,)"));
  CHECK(lines_of(folder.path() / "audit.jsonl.unchained").size() == 1);
  // Again, after a way back to that version and forth.
  std::filesystem::remove(folder.path() / "audit.jsonl.head");
  std::ofstream{file} << "{}\n{}\n";
  open_trail(file)->add(record("new"));
  CHECK(lines_of(folder.path() / "audit.jsonl.unchained").size() == 1);
  CHECK(lines_of(folder.path() / "audit.jsonl.unchained.2").size() == 2);
}

TEST_CASE("a record that was changed under its seal is not shown") {
  configure_log({}, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  const captured_stderr log;
  for (const auto* target : {"one", "two", "three"}) {
    open_trail(file)->add(record(target));
  }
  auto lines = lines_of(file);
  const auto changed = GENERATE(0U, 1U, 2U);
  lines[changed].replace(lines[changed].find("ops"), 3, "web");
  {
    std::ofstream out{file, std::ios::trunc};
    for (const auto& line : lines) {
      out << line << '\n';
    }
  }
  std::promise<audit_page> answer;
  open_trail(file)->read({}, [&answer](result<audit_page> page) {
    answer.set_value(*std::move(page));
  });
  const auto page = answer.get_future().get();
  CHECK(page.records.size() == 2);
  CHECK(std::ranges::all_of(page.records, [](const auto& each) { return each.key == "ops"; }));
}

TEST_CASE("records that the key has not signed are not shown") {
  configure_log({}, {});
  const temporary_folder folder;
  const auto file = folder.path() / "audit.jsonl";
  const captured_stderr log;
  const auto trail = open_trail(file);
  trail->add(record("genuine"));
  audit_link link;
  const std::string forged = seal(record("forged"), link, "not the key");
  std::ofstream{folder.path() / "audit.jsonl.0"} << forged << '\n';
  std::ofstream{folder.path() / "audit.jsonl.1"} << forged << '\n';
  std::promise<audit_page> answer;
  trail->read({}, [&answer](result<audit_page> page) { answer.set_value(*std::move(page)); });
  const auto page = answer.get_future().get();
  REQUIRE(page.records.size() == 1);
  CHECK(page.records[0].target == "genuine");
}

TEST_CASE("the trail is read from the newest record back, page by page, as it is filtered") {
  configure_log({}, {});
  const temporary_folder folder;
  const captured_stderr log;
  const auto trail = open_trail(folder.path() / "audit.jsonl");
  for (int i = 1; i <= 5; ++i) {
    auto one = record("job-" + std::to_string(i));
    one.at = noon + milliseconds{i};
    one.key = i == 2 ? "web" : "ops";
    one.status = i == 3 ? 500U : 200U;
    trail->add(one);
  }
  const auto found = [&trail](audit_query query) {
    std::promise<audit_page> answer;
    trail->read(std::move(query), [&answer](result<audit_page> page) {
      answer.set_value(*std::move(page));
    });
    const auto page = answer.get_future().get();
    std::string sequences;
    for (const auto& each : page.records) {
      sequences += std::to_string(each.sequence);
    }
    CHECK(page.newest == 5);
    return sequences + (page.next > 0 ? " before " + std::to_string(page.next) : "");
  };
  CHECK(found({}) == "54321");
  CHECK(found({.limit = 2}) == "54 before 4");
  CHECK(found({.below = 4, .limit = 2}) == "32 before 2");
  CHECK(found({.below = 2, .limit = 2}) == "1");
  CHECK(found({.since = noon + milliseconds{3}}) == "543");
  CHECK(found({.before = noon + milliseconds{3}}) == "21");
  CHECK(found({.actor = "web"}) == "2");
  CHECK(found({.actor = "127.0.0.1"}) == "54321");
  CHECK(found({.action = "DELETE"}) == "54321");
  CHECK(found({.action = "POST"}) == "");
  CHECK(found({.target = "job-4"}) == "4");
  CHECK(found({.target = "job"}) == "");
  CHECK(found({.request_id = "request-2"}) == "");
  CHECK(found({.outcome = audit_outcome::failed}) == "3");
}
