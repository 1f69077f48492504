// SPDX-License-Identifier: MIT
// Every command of the table on a terminal, and what only a terminal has: questions, screens,
// widths.
#include "app/cli/table/command_table.hpp"
#include "messages/base/text.hpp"
#include "messages/base/time.hpp"
#include "tests/e2e/cli/cli_run.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string person_file = std::string{STAYLER_ASSETS} + "/person.jpg";
const std::string garment_file = std::string{STAYLER_ASSETS} + "/garment.png";

/// One command as it is said on a terminal, and what has to come of it.
struct terminal_row {
  std::string command;  ///< its name in the table
  std::vector<std::string> more;
  int exit_code = 0;
  std::string shown;
  std::vector<typed_answer> answers = {};
};

std::vector<std::string> words_of(const terminal_row& row) {
  std::vector<std::string> words;
  for (std::string_view rest = row.command; !rest.empty();) {
    words.emplace_back(take_until(rest, " "));
  }
  words.insert(words.end(), row.more.begin(), row.more.end());
  return words;
}

/// A service with something for each command.
class table_stage {
 public:
  table_stage() {
    for (auto* dead : {&dead_one, &dead_two, &dead_three}) {
      *dead = stack.submit({"", "ann", "[[sim:safety x9]]", ""});
      static_cast<void>(stack.final_job(*dead));
    }
    done = stack.submit();
    static_cast<void>(stack.final_job(done));
    const auto tomorrow = to_timestamp(std::chrono::system_clock::now()) + std::chrono::hours{24};
    const std::string later = R"(,"runAt":")" + to_rfc3339(tomorrow) + '"';
    later_one = stack.submit({"", "ann", "", later});
    later_two = stack.submit({"", "ann", "", later});
    std::ofstream{file("worker.env")} << "WORKER_MAX_WORKERS=7\n";
  }

  [[nodiscard]] std::string file(const std::string& name) const {
    return (stack.folder() / name).string();
  }

  service_stack stack;
  std::string done;
  std::string dead_one;
  std::string dead_two;
  std::string dead_three;
  std::string later_one;
  std::string later_two;
};

std::vector<terminal_row> job_rows(table_stage& stage) {
  return {
      {"submit",
       {"--person", person_file, "--garment", garment_file, "-o", stage.file("out.jpg")},
       0,
       "out.jpg"},
      {"list", {}, 0, "completed"},
      {"get", {stage.done}, 0, "CALL OF ATTEMPT"},
      {"watch", {stage.done}, 0, "completed"},
      {"why", {stage.later_one}, 0, "It was handed in for a later time."},
      {"cancel", {stage.later_one}, 0, "is cancelled"},
      {"rerun", {stage.done}, 0, "runs again as job"},
      {"next", {stage.later_two}, 0, "is next"},
      {"retry", {stage.dead_one}, 0, "is tried again"},
      {"dead", {}, 0, stage.dead_two},
      {"dead list", {"class:safety_blocked"}, 0, stage.dead_two},
      {"dead groups", {}, 0, "safety_blocked"},
      {"dead retry", {stage.dead_two}, 0, "retry: 1 of 1 job", {{"[y/N]", "y"}}},
      {"dead drop", {stage.dead_three}, 0, "drop: 1 of 1 job", {{"Type 1", "1"}}},
      {"bundle", {stage.done, "-o", stage.file("b.tar.gz")}, 0, "Left out:"},
      {"bench",
       {"--jobs", "2", "--person", person_file, "--garment", garment_file},
       0,
       "submitted  2"},
      {"tail", {"--until-done"}, 0, "following http"},
  };
}

std::vector<terminal_row> service_rows(table_stage& stage) {
  const auto& picture = stage.stack.garment();
  return {
      {"image", {}, 2, "image put"},
      {"image put", {garment_file}, 0, "-"},
      {"image get", {picture, "-o", stage.file("g.png")}, 0, "wrote"},
      {"image info", {picture}, 0, "image/png"},
      {"image link", {picture}, 0, "good until"},
      {"image rm", {picture}, 0, "deleted", {{"[y/N]", "y"}}},
      {"worker", {}, 0, "worker-1"},
      {"worker stop", {}, 0, "stop giving out jobs", {{"[y/N]", "y"}}},
      {"worker start", {}, 0, "start"},
      {"node", {}, 0, "WORKERS"},
      {"tree", {}, 0, "core/notifier"},
      {"provider", {}, 0, "closed: calls are made"},
      {"stats", {}, 0, "success rate"},
      {"top", {"--count", "1"}, 0, "q quits"},
      {"costs", {}, 0, "spent"},
      {"pause", {"image_processing"}, 0, "is paused"},
      {"resume", {"image_processing"}, 0, "goes on"},
      {"config", {}, 0, "maxWorkers"},
      {"config get", {"maxWorkers"}, 0, "5"},
      {"config set", {"maxWorkers=3"}, 0, "it lasts until", {{"[y/N]", "y"}}},
      {"config diff", {stage.file("worker.env")}, 10, "maxWorkers"},
      {"audit", {}, 0, "PUT /worker/config"},
      {"notification", {}, 0, ""},
      {"notification redeliver", {"--all"}, 0, ""},
      {"doctor", {}, 0, "answers in"},
  };
}

std::vector<terminal_row> program_rows() {
  return {
      {"login", {"mine"}, 0, "which needs no key"},
      {"profile", {}, 0, "mine"},
      {"profile use", {"mine"}, 0, "from now on: mine"},
      {"help", {"submit"}, 0, "--garment"},
      {"completion", {"bash"}, 0, "_stayler"},
      {"reference", {"man"}, 0, ".SH EXIT STATUS"},
      {"version", {}, 0, "stayler "},
  };
}

std::vector<terminal_row> all_rows(table_stage& stage) {
  auto rows = job_rows(stage);
  for (const auto& more : {service_rows(stage), program_rows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

/// How many columns the widest line takes; colours take none.
std::size_t widest_line(std::string_view shown) {
  std::size_t widest = 0;
  while (!shown.empty()) {
    std::string line{trim(take_until(shown, "\n"), "\r")};
    for (auto at = line.find("\x1b["); at != std::string::npos; at = line.find("\x1b[")) {
      line.erase(at, line.find('m', at) - at + 1);
    }
    widest = std::max(widest, line.size());
  }
  return widest;
}

}  // namespace

TEST_CASE("every command of the table does on a terminal what it is for") {
  table_stage stage;
  const environment place{{"STAYLER_CONFIG", stage.file("config.toml")}};
  std::set<std::string> tested;
  for (const auto& row : all_rows(stage)) {
    const auto run = run_cli_on_terminal(stage.stack, words_of(row), row.answers, place);
    INFO(row.command << ": " << run.out);
    CHECK(run.exit_code == row.exit_code);
    CHECK(holds(run.out, row.shown));
    tested.insert(row.command);
  }
  std::set<std::string> commands;
  for (const auto& command : cli::all_commands()) {
    commands.emplace(command.name);
  }
  // A command that is new gets a row above.
  CHECK(tested == commands);
}

TEST_CASE("Ctrl-C at a question is 130 and no answer, and so is the end of the input") {
  service_stack stack;
  const std::vector<std::string> words{"config", "set", "maxWorkers=2"};
  const auto interrupted = run_cli_on_terminal(stack, words, {{"[y/N]", "\x03"}});
  INFO(interrupted.out);
  CHECK(interrupted.exit_code == 130);
  CHECK(holds(interrupted.out, "\r\nstayler: interrupted"));
  const auto ended = run_cli_on_terminal(stack, words, {{"[y/N]", "\x04"}});
  CHECK(ended.exit_code == 1);
  CHECK(holds(ended.out, "\r\nnot done"));
  CHECK(run_cli(stack, {"config", "get", "maxWorkers"}).out == "5\n");
}

TEST_CASE("tables and bars fit a narrow terminal") {
  service_stack stack;
  static_cast<void>(stack.final_job(stack.submit()));
  const environment there{{"STAYLER_URL", stack.worker().url()}, {"LANG", "C.UTF-8"}};
  for (const unsigned short columns : std::initializer_list<unsigned short>{30, 60}) {
    const auto list = run_cli_on_terminal({"list"}, {}, there, columns);
    CHECK(list.exit_code == 0);
    // "…" has three bytes.
    CHECK(widest_line(list.out) <= columns + std::size_t{2});
    const auto help = run_cli_on_terminal({"list", "--help"}, {}, there, columns);
    CHECK(widest_line(help.out) <= std::max<std::size_t>(columns, 72));
  }
  const auto submit = run_cli_on_terminal(
      {"submit", "--person", person_file, "--garment", garment_file, "--no-cache", "--user", "a"},
      {}, {{"STAYLER_URL", stack.worker().url()}}, 40
  );
  INFO(submit.out);
  CHECK(submit.exit_code == 0);
  std::size_t bars = 0;
  for (std::string_view rest = submit.out; !rest.empty();) {
    const auto drawn = take_until(rest, "\r\n");
    if (drawn.find("##") != std::string_view::npos) {
      ++bars;
      CHECK(drawn.size() < 40 + std::string_view{"\x1b[K"}.size());
    }
  }
  CHECK(bars > 1);
}

TEST_CASE("bytes are not written to a terminal, nor a result to where there is no place") {
  service_stack stack;
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  const std::vector<std::string> pictures{"--person", person_file, "--garment", garment_file};
  for (auto words : std::vector<std::vector<std::string>>{
           {"get", id, "--image", "-o", "-"}, {"bundle", id, "-o", "-"}, {"submit", "-o", "-"}}) {
    words.insert(
        words.end(), pictures.begin(), words.front() == "submit" ? pictures.end() : pictures.begin()
    );
    const auto run = run_cli_on_terminal(stack, words);
    INFO(run.out);
    CHECK(run.exit_code == 2);
    CHECK(holds(run.out, "cannot write bytes to a terminal"));
  }
  auto words = pictures;
  words.insert(words.begin(), "submit");
  words.insert(words.end(), {"-o", "/no/such/folder/out.jpg"});
  const auto nowhere = run_cli(stack, words);
  CHECK(nowhere.exit_code == 1);
  std::size_t jobs = 0;
  stack.each_job([&jobs](const auto&) { ++jobs; });
  CHECK(jobs == 1);  // nothing was paid for
}

TEST_CASE("a terminal whose cursor cannot be moved gets lines in place of a screen") {
  service_stack stack;
  const auto dumb = run_cli_on_terminal(stack, {"top", "--count", "1"}, {}, {{"TERM", "dumb"}});
  CHECK(dumb.exit_code == 0);
  CHECK(holds(dumb.out, "  workers "));
  CHECK_FALSE(holds(dumb.out, "q quits"));
  CHECK(run_cli_on_terminal(stack, {"list", "--watch"}, {}, {{"TERM", "dumb"}}).exit_code == 2);
}

TEST_CASE("list --watch draws the list anew until q, and refuses a pipe") {
  service_stack stack;
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  const auto run =
      run_cli_on_terminal(stack, {"list", "--watch", "status:completed"}, {{"q quits", "q"}});
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(holds(run.out, id));
  CHECK(holds(run.out, "\x1b[?1049l"));
  const auto pipe = run_cli(stack, {"list", "--watch"});
  CHECK(pipe.exit_code == 2);
  CHECK(holds(pipe.error, "stayler tail"));
}

TEST_CASE("get --show draws by chafa or opens a window, and submit --open opens the file") {
  service_stack stack;
  const auto id = stack.submit();
  static_cast<void>(stack.final_job(id));
  const auto programs = stack.folder() / "programs";
  std::filesystem::create_directory(programs);
  const auto script = [&](const std::string& name) {
    const auto file = programs / name;
    std::ofstream{file} << "#!/bin/sh\necho \"$1\" >" << (stack.folder() / name).string()
                        << ".log\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return (stack.folder() / name).string() + ".log";
  };
  environment there{{"PATH", programs.string() + ":/nothing"}, {"TMPDIR", stack.folder().string()}};
  const auto neither = run_cli_on_terminal(stack, {"get", id, "--show"}, {}, there);
  CHECK(neither.exit_code == 1);
  CHECK(holds(neither.out, "neither chafa nor xdg-open"));
  const auto opened = script("xdg-open");
  const auto file = (stack.folder() / "out.jpg").string();
  const auto submit = run_cli(
      stack, {"submit", "--person", person_file, "--garment", garment_file, "-o", file, "--open"},
      there
  );
  CHECK(submit.exit_code == 0);
  wait_until("the file is opened", [&] { return read_file(opened) == file + "\n"; });
  const auto drawn = script("chafa");
  CHECK(run_cli_on_terminal(stack, {"get", id, "--show"}, {}, there).exit_code == 0);
  CHECK(holds(read_file(drawn), "stayler-" + id + ".jpg"));
  CHECK(run_cli(stack, {"submit", "--open", "--detach"}, there).exit_code == 2);
}
