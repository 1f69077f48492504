// SPDX-License-Identifier: MIT

// What somebody who may write the trail's files, but has not its key, cannot do unnoticed; and what
// the service itself may do with them.

#include "adapters/audit/file/audit_verification.hpp"

#include "adapters/audit/file/audit_head.hpp"
#include "adapters/audit/file/chained_file.hpp"
#include "adapters/log/log.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using stayler::test::captured_stderr;
using stayler::test::temporary_folder;

namespace {

constexpr timestamp midday{milliseconds{1'767'268'800'000}};
const std::string key(32, 'k');

using line_list = std::vector<std::string>;

audit_record numbered(int number, timestamp at = midday) {
  audit_record one;
  one.at = at;
  one.who = "127.0.0.1";
  one.action = "DELETE /worker/jobs/{id}";
  one.target = "job-" + std::to_string(number);
  one.status = 200;
  return one;
}

line_list read_lines(const std::filesystem::path& file) {
  std::ifstream in{file};
  line_list lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

void write_lines(const std::filesystem::path& file, const line_list& lines) {
  std::ofstream out{file, std::ios::trunc};
  for (const auto& line : lines) {
    out << line << '\n';
  }
}

/// A trail's files in a folder of their own, and the log of what works on them.
struct trail {
  temporary_folder folder;
  audit_files files{folder.path() / "audit.jsonl"};
  captured_stderr log;

  trail() { configure_log({}, {}); }

  [[nodiscard]] std::unique_ptr<chained_file> open(const audit_retention& kept = {}) const {
    return chained_file::open(files, key, kept).value();
  }

  void add(chained_file& file, int first, int last, timestamp at = midday) const {
    for (int number = first; number <= last; ++number) {
      const auto one = numbered(number, at);
      file.append({&one, 1}, [](const auto&, const std::string& why) { FAIL(why); });
    }
    REQUIRE(file.sign());
  }

  [[nodiscard]] std::string flaw() const { return verify_audit(files, key).value().flaw; }
};

/// The same record with another target, its hash made to fit.
std::string forge(const line_list& lines, std::size_t at) {
  audit_link before{at, split_line(lines[at - 1])->hash};
  return seal(numbered(666), before, "not the key");
}

}  // namespace

TEST_CASE("a trail that nobody has touched is whole") {
  const trail made;
  made.add(*made.open(), 1, 3);
  made.add(*made.open(), 4, 5);
  const auto verdict = verify_audit(made.files, key).value();
  CHECK(verdict.flaw.empty());
  CHECK(verdict.records == 5);
  CHECK(verdict.last.sequence == 5);
  CHECK(verdict.last.hash == split_line(read_lines(made.files.growing()).back())->hash);
}

TEST_CASE("the first record that was changed, removed, moved, added or cut off is named") {
  struct tampering {
    std::string_view name;
    std::function<void(line_list&)> change;
    std::string_view found;
  };
  const std::vector<tampering> all{
      {"a digit changed", [](auto& lines) { lines[1].replace(lines[1].find("job-2"), 5, "job-7"); },
       "record 2 (FILE, line 2) was changed, or what it follows"},
      {"a hash changed too", [](auto& lines) { lines[1] = forge(lines, 1); },
       "record 2 (FILE, line 2) was changed, or signed with another key"},
      {"one removed", [](auto& lines) { lines.erase(lines.begin() + 2); },
       "record 3 (FILE, line 3) is missing: record 4 is where it should be"},
      {"the first removed", [](auto& lines) { lines.erase(lines.begin()); },
       "record 1 (FILE, line 1) is missing: record 2 is where it should be"},
      {"two exchanged", [](auto& lines) { std::swap(lines[1], lines[3]); },
       "record 2 (FILE, line 2) is in another place: record 4 is where it should be"},
      {"one repeated", [](auto& lines) { lines.insert(lines.begin() + 2, lines[0]); },
       "record 1 (FILE, line 3) stands behind record 2"},
      {"one added", [](auto& lines) { lines.push_back(forge(lines, 5)); },
       "record 6 (FILE, line 6) was changed, or signed with another key"},
      {"no record", [](auto& lines) { lines[2] = "nothing"; },
       "record 3 (FILE, line 3) is not readable"},
      {"the end cut off", [](auto& lines) { lines.resize(3); },
       "record 4 is missing: the trail is cut off there; its signed head ends with record 5"},
      {"all cut off", [](auto& lines) { lines.clear(); },
       "record 1 is missing: the trail is cut off there; its signed head ends with record 5"},
  };
  for (const auto& each : all) {
    INFO(each.name);
    const trail made;
    made.add(*made.open(), 1, 5);
    auto lines = read_lines(made.files.growing());
    each.change(lines);
    write_lines(made.files.growing(), lines);
    std::string found = made.flaw();
    const std::string path = made.files.growing().string();
    if (const auto at = found.find(path); at != std::string::npos) {
      found.replace(at, path.size(), "FILE");
    }
    CHECK(found == each.found);
  }
}

TEST_CASE("a head that was removed, changed or signed with another key is found") {
  const trail made;
  made.add(*made.open(), 1, 2);
  const auto good = read_lines(made.files.head());
  auto changed = good;
  changed[0].replace(changed[0].find("\"last\":{\"sequence\":2"), 20, "\"last\":{\"sequence\":1");
  write_lines(made.files.head(), changed);
  CHECK(made.flaw().starts_with("the signed head cannot be used: was changed"));
  REQUIRE(write_head(made.files.head(), {{}, {2, std::string(64, '1')}}, "not the key"));
  CHECK(made.flaw().starts_with("the signed head cannot be used: was changed"));
  std::filesystem::remove(made.files.head());
  CHECK(made.flaw().starts_with("the signed head cannot be used: "));
  write_lines(made.files.head(), good);
  CHECK(made.flaw().empty());
}

TEST_CASE("what was cut off while the service was down is missing for ever") {
  const trail made;
  made.add(*made.open(), 1, 5);
  auto lines = read_lines(made.files.growing());
  lines.resize(3);
  write_lines(made.files.growing(), lines);
  const auto file = made.open();
  CHECK(file->finding() == "records 4 to 5 are missing");
  made.add(*file, 6, 6);
  CHECK(made.flaw().find("record 4 ") == 0);
}

TEST_CASE(
    "records behind the signed head, as kill -9 leaves them, are no flaw, and are signed later"
) {
  const trail made;
  made.add(*made.open(), 1, 2);
  const auto one = numbered(3);
  made.open()->append({&one, 1}, [](const auto&, const std::string& why) { FAIL(why); });
  CHECK(made.flaw().empty());
  const auto again = made.open();
  CHECK(again->finding().empty());
  REQUIRE(again->sign());
  CHECK(read_head(made.files.head(), key)->last.sequence == 3);
}

TEST_CASE("a record that a crash has cut off is dropped, and the chain goes on") {
  const trail made;
  made.add(*made.open(), 1, 2);
  std::ofstream{made.files.growing(), std::ios::app} << R"({"sequence":3,"ti)";
  CHECK(made.flaw().empty());
  made.add(*made.open(), 3, 3);
  CHECK(verify_audit(made.files, key)->records == 3);
  CHECK(made.flaw().empty());
}

TEST_CASE("files are closed by size and age, and the chain goes through them") {
  const trail made;
  const auto file = made.open({.kept = milliseconds{8'000}, .file_bytes = 1'000});
  made.add(*file, 1, 9);
  CHECK(made.files.list_closed().size() == 2);
  made.add(*file, 10, 10, midday + milliseconds{1'001});
  CHECK(made.files.list_closed().size() == 3);
  CHECK(verify_audit(made.files, key)->records == 10);
  CHECK(made.flaw().empty());
  std::filesystem::remove(made.files.list_closed()[1].path);
  CHECK(made.flaw().find("is missing") != std::string::npos);
}

TEST_CASE("what is past its time goes, and what is left is whole: the head says where it begins") {
  const trail made;
  const audit_retention kept{.kept = milliseconds{8'000}};
  {
    const auto file = made.open(kept);
    made.add(*file, 1, 3);
    made.add(*file, 4, 5, midday + milliseconds{7'000});
    REQUIRE(file->expire(midday + milliseconds{7'999}));
    CHECK(verify_audit(made.files, key)->records == 5);
    REQUIRE(file->expire(midday + milliseconds{8'001}));
    CHECK(verify_audit(made.files, key)->records == 2);
    CHECK(made.flaw().empty());
  }
  const auto file = made.open(kept);
  CHECK(file->finding().empty());
  made.add(*file, 6, 6, midday + milliseconds{7'100});
  CHECK(verify_audit(made.files, key)->records == 3);
  CHECK(made.flaw().empty());
}

TEST_CASE("all of an idle trail goes in the end, and the chain goes on where it was") {
  const trail made;
  const auto file = made.open({.kept = milliseconds{8'000}});
  made.add(*file, 1, 3);
  REQUIRE(file->expire(midday + milliseconds{100'000}));
  CHECK(read_lines(made.files.growing()).empty());
  CHECK(made.files.list_closed().empty());
  made.add(*file, 4, 4, midday + milliseconds{100'001});
  CHECK(split_line(read_lines(made.files.growing())[0])->sequence == 4);
  CHECK(made.flaw().empty());
}

TEST_CASE("two processes make one chain, also while files are closed") {
  const trail made;
  const audit_retention small{.file_bytes = 700};
  const auto one = made.open(small);
  const auto other = made.open(small);
  for (int number = 1; number < 20; number += 2) {
    made.add(*one, number, number);
    made.add(*other, number + 1, number + 1);
  }
  CHECK(verify_audit(made.files, key)->records == 20);
  CHECK(made.flaw().empty());
}

TEST_CASE("what was cut off with the head while the service runs stays a flaw") {
  const trail made;
  const auto file = made.open();
  made.add(*file, 1, 11);
  auto lines = read_lines(made.files.growing());
  lines.resize(5);
  write_lines(made.files.growing(), lines);
  std::filesystem::remove(made.files.head());
  made.add(*file, 12, 12);
  CHECK(file->finding().ends_with("records 6 to 11 are missing"));
  CHECK(made.flaw().starts_with("record 6 "));
  CHECK(made.log.text().find("the audit trail is not whole") != std::string::npos);
}

TEST_CASE("a head that was removed or set back while the service runs stays a flaw") {
  const trail made;
  const auto file = made.open();
  made.add(*file, 1, 2);
  const auto old_head = read_lines(made.files.head());
  made.add(*file, 3, 3);
  const bool is_set_back = GENERATE(false, true);
  if (is_set_back) {
    write_lines(made.files.head(), old_head);
  } else {
    std::filesystem::remove(made.files.head());
  }
  made.add(*file, 4, 4);
  made.add(*file, 5, 5);
  CHECK(made.flaw().starts_with("record 4 "));
  CHECK(made.flaw().find("the service found the trail not whole") != std::string::npos);
  CHECK(read_lines(made.files.growing()).size() == 6);
}

TEST_CASE("what was cut off with the head while the service was down stays a flaw") {
  const trail made;
  made.add(*made.open(), 1, 6);
  auto lines = read_lines(made.files.growing());
  std::filesystem::remove(made.files.head());
  SECTION("at the beginning") {
    lines.erase(lines.begin(), lines.begin() + 4);
    write_lines(made.files.growing(), lines);
    made.add(*made.open(), 7, 7);
    CHECK(made.flaw().starts_with("record 1 "));
  }
  SECTION("at the end") {
    lines.resize(3);
    write_lines(made.files.growing(), lines);
    made.add(*made.open(), 7, 7);
    CHECK(made.flaw().starts_with("record 4 "));
    CHECK(made.flaw().find("the service found the trail not whole") != std::string::npos);
  }
}

TEST_CASE("a planted file does not move the beginning of the chain") {
  const trail made;
  const auto file = made.open({.kept = milliseconds{8'000}, .file_bytes = 1'000});
  made.add(*file, 1, 9);
  const auto closed = made.files.list_closed();
  REQUIRE(closed.size() == 2);
  SECTION("under a number that no file has") {
    write_lines(made.files.closed(0), {read_lines(made.files.growing()).front()});
    CHECK_FALSE(file->expire(midday + milliseconds{1}));
    CHECK_FALSE(made.flaw().empty());
  }
  SECTION("in the place of another") {
    write_lines(closed[0].path, {read_lines(closed[1].path).back()});
    CHECK_FALSE(file->expire(midday + milliseconds{8'001}));
    CHECK(std::filesystem::exists(closed[0].path));
  }
  CHECK(read_head(made.files.head(), key)->start.sequence == 0);
}

TEST_CASE("a changed first line does not set the whole file aside") {
  const trail made;
  made.add(*made.open(), 1, 3);
  auto lines = read_lines(made.files.growing());
  lines[0][0] = '[';
  write_lines(made.files.growing(), lines);
  const bool has_head = GENERATE(true, false);
  if (!has_head) {
    std::filesystem::remove(made.files.head());
  }
  made.add(*made.open(), 4, 4);
  CHECK_FALSE(std::filesystem::exists(made.files.unchained()));
  CHECK(made.flaw().starts_with("record 1 "));
}

TEST_CASE("where there is no trail, that is said") {
  const temporary_folder folder;
  const auto verdict = verify_audit(audit_files{folder.path() / "audit.jsonl"}, key);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().kind == error_class::not_found);
}
