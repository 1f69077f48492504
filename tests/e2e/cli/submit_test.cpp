// SPDX-License-Identifier: MIT
// stayler submit: from two files to a picture, in a pipe and on a terminal.
#include "tests/e2e/cli/cli_run.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string person_file = std::string{STAYLER_ASSETS} + "/person.jpg";
const std::string garment_file = std::string{STAYLER_ASSETS} + "/garment.png";

std::vector<std::string> submission(std::vector<std::string> more = {}) {
  std::vector<std::string> words{"submit",    "--person",   person_file,
                                 "--garment", garment_file, "--no-cache"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool is_jpeg(const std::string& bytes) {
  return bytes.size() > 1000 && bytes.starts_with("\xFF\xD8\xFF");
}

}  // namespace

TEST_CASE("submit in a pipe writes the picture, and says each stage once on stderr") {
  service_stack stack;
  const auto file = stack.folder() / "out.jpg";
  const auto run = run_cli(stack, submission({"-o", file.string()}));
  INFO(run.error);
  CHECK(run.exit_code == 0);
  CHECK(run.out == file.string() + "\n");
  CHECK(is_jpeg(read_file(file)));
  CHECK_FALSE(holds(run.error, "\r"));
  CHECK_FALSE(holds(run.error, "\x1b"));
  CHECK(holds(run.error, "sending (person.jpg)\nsending (garment.png)\n"));
  CHECK(holds(run.error, "completed\n"));
  CHECK(holds(run.error, "$0.0"));
  CHECK_FALSE(std::filesystem::exists(file.string() + ".part"));
}

TEST_CASE("submit on a terminal draws a bar over itself, which NO_COLOR does not hide") {
  service_stack stack{{}, {"--latency", "300ms"}};
  const auto file = stack.folder() / "out.jpg";
  const auto run = run_cli_on_terminal(
      stack, submission({"-o", file.string()}), {}, {{"NO_COLOR", "1"}, {"LANG", "C.UTF-8"}}
  );
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(is_jpeg(read_file(file)));
  CHECK(holds(run.out, "\r\x1b[K"));
  CHECK(holds(run.out, "░"));
  CHECK(holds(run.out, "converting"));
  CHECK_FALSE(holds(run.out, "\x1b[3"));
  const auto plain = run_cli_on_terminal(stack, submission({"-o", file.string()}));
  CHECK(holds(plain.out, "#"));
  CHECK_FALSE(holds(plain.out, "░"));
}

TEST_CASE("submit to stdout gives the picture's bytes and nothing else") {
  service_stack stack;
  const auto run = run_cli(stack, submission({"-o", "-", "-q"}));
  CHECK(run.exit_code == 0);
  CHECK(is_jpeg(run.out));
  CHECK(run.error.empty());
}

TEST_CASE("submit --detach prints the id, and one idempotency key gives one job") {
  service_stack stack{{}, {"--latency", "5s"}};
  const auto words = submission(
      {"--detach", "--person", stack.person(), "--garment", stack.garment(), "--user", "ann",
       "--conversion", "c-1", "--idempotency-key", "k-1", "--priority", "high"}
  );
  const auto first = run_cli(stack, words);
  INFO(first.error);
  CHECK(first.exit_code == 0);
  CHECK(first.out.size() == 37);
  CHECK(run_cli(stack, words).out == first.out);
  const auto job = stack.get("/worker/jobs/" + first.out.substr(0, 36)).json();
  CHECK(text_at(job, {"userId"}) == "ann");
  CHECK(text_at(job, {"conversionId"}) == "c-1");
  CHECK(number_at(job, {"priority"}) == 10);
}

TEST_CASE("a job that fails is 3, with its class and what to do") {
  service_stack stack;
  const auto run = run_cli(stack, submission({"--prompt", "[[sim:safety x9]]", "-o", "/dev/null"}));
  INFO(run.error);
  CHECK(run.exit_code == 3);
  CHECK(run.out.empty());
  CHECK(holds(run.error, "has failed\n  why: safety_blocked"));
  CHECK(holds(run.error, "stayler why "));
  const auto json = run_cli(stack, submission({"--prompt", "[[sim:safety x9]]", "--json", "-q"}));
  CHECK(json.exit_code == 3);
  CHECK(text_at(json.json(), {"status"}) == "failed");
}

TEST_CASE("time that runs out is 8 and Ctrl-C is 130, and the job goes on") {
  service_stack stack{{}, {"--latency", "20s"}};
  const auto late = run_cli(stack, submission({"--wait", "300ms"}));
  CHECK(late.exit_code == 8);
  CHECK(holds(late.error, "stayler watch "));
  running_cli run{stack, submission()};
  run.wait_for("converting");
  run.signal(SIGINT);
  const auto ended = run.wait();
  CHECK(ended.exit_code == 130);
  CHECK(holds(ended.error, "the job goes on: stayler watch "));
  CHECK(number_at(stack.get("/worker/status").json(), {"cancelledJobs"}) == 0);
}

TEST_CASE("a picture that is none is refused with the service's words, request id and 1") {
  service_stack stack;
  const auto file = stack.folder() / "fake.jpg";
  std::ofstream{file} << "%PDF-1.7 this is no picture";
  const auto run = run_cli(stack, {"image", "put", file.string()});
  CHECK(run.exit_code == 1);
  CHECK(holds(run.error, "cannot upload "));
  CHECK(holds(run.error, "PDF"));
  CHECK(holds(run.error, ", request "));
}

TEST_CASE("an image_processing job needs no garment") {
  service_stack stack;
  const auto file = stack.folder() / "small.webp";
  const auto run = run_cli(
      stack, {"submit", "--type", "image_processing", "--image", person_file, "--operation",
              "resize:64x64", "--operation", "convert:webp", "-o", file.string()}
  );
  INFO(run.error);
  CHECK(run.exit_code == 0);
  CHECK(read_file(file).substr(0, 4) == "RIFF");
}
