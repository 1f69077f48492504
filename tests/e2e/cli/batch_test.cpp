// SPDX-License-Identifier: MIT
// stayler submit --batch: many rows, one job each, however often it is interrupted.
#include "tests/e2e/cli/cli_run.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string person_file = std::string{STAYLER_ASSETS} + "/person.jpg";
const std::string garment_file = std::string{STAYLER_ASSETS} + "/garment.png";

/// A CSV file of rows that differ by their prompts, beside the worker's data.
std::string write_batch(const service_stack& stack, const std::vector<std::string>& prompts) {
  auto file = (stack.folder() / "jobs.csv").string();
  std::ofstream stream{file};
  stream << "person,garment,prompt,no-cache\r\n";
  for (const auto& prompt : prompts) {
    stream << person_file << ',' << garment_file << ",\"" << prompt << "\",true\r\n";
  }
  return file;
}

std::vector<std::string> batch_words(
    const std::string& file, const std::vector<std::string>& more = {}
) {
  std::vector<std::string> words{"submit", "--batch", file};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t count_jobs(const service_stack& stack) {
  std::size_t count = 0;
  stack.each_job([&count](const auto&) { ++count; });
  return count;
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

TEST_CASE("a batch writes each picture, names each row, and uploads a shared picture once") {
  service_stack stack;
  const auto file = write_batch(stack, {"red, please", "blue", "blue"});
  const auto results = stack.folder() / "out";
  const auto run = run_cli(stack, batch_words(file, {"-o", results.string()}));
  INFO(run.out << run.error);
  CHECK(run.exit_code == 0);
  CHECK(count_lines(run.out) == 3);
  CHECK(holds(run.out, "   1  completed  " + results.string()));
  CHECK(holds(run.error, "3 of 3 completed"));
  CHECK_FALSE(holds(run.error, "\r"));
  for (const auto& each : std::filesystem::directory_iterator{results}) {
    CHECK(read_file(each.path()).starts_with("\xFF\xD8\xFF"));
  }
  CHECK(std::distance(std::filesystem::directory_iterator{results}, {}) == 3);
  // Two rows that say the same are two jobs.
  CHECK(count_jobs(stack) == 3);
  CHECK(holds(run.error, "sending (person.jpg)\nsending (garment.png)\nsubmitting\nworking\n"));
}

TEST_CASE("a batch that is said again submits nothing again, and writes what was deleted") {
  service_stack stack;
  const auto file = write_batch(stack, {"red", "[[sim:safety x9]]"});
  const auto folder = stack.folder() / "out";
  const auto words = batch_words(file, {"-o", folder.string()});
  const auto first = run_cli(stack, words);
  INFO(first.out << first.error);
  CHECK(first.exit_code == 9);
  CHECK(holds(first.out, "   2  failed     safety_blocked"));
  const auto written = std::filesystem::directory_iterator {
    folder
    } -> path();
  std::filesystem::remove(written);
  const auto second = run_cli(stack, batch_words(file, {"-o", folder.string(), "--json", "-q"}));
  CHECK(second.exit_code == 9);
  CHECK(std::filesystem::exists(written));
  CHECK(number_at(second.json(), {"completed"}) == 1);
  CHECK(text_at(second.json(), {"jobs", "1", "state"}) == "failed");
  CHECK(count_jobs(stack) == 2);
  // A row that comes to the file is submitted, and no other.
  write_batch(stack, {"green", "red", "[[sim:safety x9]]"});
  CHECK(run_cli(stack, words).exit_code == 9);
  CHECK(count_jobs(stack) == 3);
}

TEST_CASE("a batch that was killed while it was sent goes on under the same keys") {
  service_stack stack{{}, {"--latency", "2s"}};
  std::vector<std::string> prompts(20, "the same");
  const auto file = write_batch(stack, prompts);
  running_cli run{stack, batch_words(file)};
  const auto log = file + ".results.jsonl";
  wait_until("some rows are sent", [&] {
    return std::filesystem::exists(log) && holds(read_file(log), R"("row":4)");
  });
  run.signal(SIGKILL);
  CHECK(run.wait().exit_code == 128 + SIGKILL);
  // As if it had been killed in the middle of a line.
  std::ofstream{log, std::ios::app} << R"({"row":9,"key":"cli-)";
  const auto again = run_cli(stack, batch_words(file, {"--detach"}));
  INFO(again.error);
  CHECK(again.exit_code == 0);
  CHECK(count_lines(again.out) == 20);
  CHECK(count_jobs(stack) == 20);
  const auto done = run_cli(stack, batch_words(file));
  INFO(done.out << done.error);
  CHECK(done.exit_code == 0);
  CHECK(count_jobs(stack) == 20);
}

TEST_CASE("Ctrl-C leaves a batch with 130, says how to go on, and the jobs go on") {
  service_stack stack{{}, {"--latency", "20s"}};
  const auto file = write_batch(stack, {"red", "blue"});
  running_cli run{stack, batch_words(file)};
  run.wait_for("working");
  run.signal(SIGINT);
  const auto ended = run.wait();
  CHECK(ended.exit_code == 130);
  CHECK(holds(ended.error, "say the same again to go on with " + file + ".results.jsonl"));
  CHECK(number_at(stack.get("/worker/status").json(), {"cancelledJobs"}) == 0);
  CHECK(run_cli(stack, batch_words(file, {"--wait", "300ms"})).exit_code == 8);
  CHECK(count_jobs(stack) == 2);
}

TEST_CASE("what is wrong with a row is said before anything is sent") {
  service_stack stack;
  const auto file = (stack.folder() / "jobs.jsonl").string();
  const auto refused = [&](const std::string& text) {
    std::ofstream{file} << text;
    const auto run = run_cli(stack, batch_words(file, {"--garment", garment_file}));
    CHECK(run.exit_code == 2);
    return run.error;
  };
  CHECK(holds(refused("{\"persn\":\"a\"}\n"), "the nearest is person"));
  CHECK(holds(refused("{\"person\":\"/no/such\"}\n"), "line 1: cannot use the picture /no/such"));
  CHECK(holds(refused("{\"person\":\n"), "jobs.jsonl, line 1"));
  CHECK(holds(refused("{\"quality\":\"best\"}\n"), "quality may be draft, standard, high"));
  CHECK(holds(refused(""), "empty"));
  CHECK(
      holds(refused("{\"person\":\"" + person_file + "\",\"priority\":\"99\"}\n"), "--priority 99")
  );
  const std::string row = "{\"person\":\"" + person_file + "\",\"conversion\":\"c-7\"}\n";
  CHECK(holds(refused(row + row), "conversion c-7 is that of another row, too"));
  CHECK(count_jobs(stack) == 0);
  CHECK_FALSE(std::filesystem::exists(file + ".results.jsonl"));
  const auto stdin_batch = run_cli(stack, batch_words("-"));
  CHECK(stdin_batch.exit_code == 2);
}

TEST_CASE("a row that the service refuses is told, and tried again by the next run") {
  service_stack stack;
  const auto file = write_batch(stack, {"red"});
  std::ofstream{file, std::ios::app} << stack.person() << ",id:no-such,blue,true\r\n";
  const auto first = run_cli(stack, batch_words(file));
  INFO(first.out << first.error);
  CHECK(first.exit_code == 9);
  CHECK(holds(first.out, "   2  refused"));
  CHECK(run_cli(stack, batch_words(file)).exit_code == 9);
  CHECK(count_jobs(stack) == 1);
}

TEST_CASE("results of another kind of file are not touched, and one run has them at a time") {
  service_stack stack{{}, {"--latency", "20s"}};
  const auto file = write_batch(stack, {"red"});
  const auto other = (stack.folder() / "notes.txt").string();
  std::ofstream{other} << "buy milk\n";
  CHECK(run_cli(stack, batch_words(file, {"--results", other})).exit_code == 2);
  CHECK(read_file(other) == "buy milk\n");
  running_cli run{stack, batch_words(file)};
  run.wait_for("working");
  const auto second = run_cli(stack, batch_words(file));
  CHECK(second.exit_code == 2);
  CHECK(holds(second.error, "another run is at them"));
}

TEST_CASE("a batch on a terminal draws one bar, and lines of what has ended") {
  service_stack stack{{}, {"--latency", "600ms"}};
  const auto file = write_batch(stack, {"red", "blue"});
  const auto run = run_cli_on_terminal(stack, batch_words(file));
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(holds(run.out, "(1 of 2)"));
  CHECK(holds(run.out, "\r\x1b[K   1  completed"));
}
