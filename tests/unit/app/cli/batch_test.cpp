// SPDX-License-Identifier: MIT
#include "app/cli/batch/batch_log.hpp"
#include "app/cli/batch/batch_rows.hpp"
#include "app/cli/batch/csv_records.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/table/command_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>

using namespace stayler::cli;

namespace {

std::vector<batch_row> rows_of(const std::string& text) {
  return read_batch_rows(text, "f", find_command("submit")->flags);
}

std::string failed_of(const std::string& text) {
  try {
    static_cast<void>(rows_of(text));
  } catch (const command_error& error) {
    return error.what_failed + ": " + error.why;
  }
  return {};
}

}  // namespace

TEST_CASE("CSV is read with quoted cells, doubled marks, lines in cells and both line ends") {
  const auto records = read_csv_records("a,b\r\n\"x, \"\"y\"\"\",\"1\n2\"\n\nlast,\n", "f");
  REQUIRE(records.size() == 3);
  CHECK(records[1].cells == std::vector<std::string>{"x, \"y\"", "1\n2"});
  CHECK(records[1].line == 2);
  CHECK(records[2].cells == std::vector<std::string>{"last", ""});
  CHECK(records[2].line == 5);
  CHECK(read_csv_records("a,b", "f").front().cells.size() == 2);
  CHECK_THROWS_AS(read_csv_records("a\n\"open", "f"), command_error);
}

TEST_CASE("CSV and JSON lines that say the same give the same rows") {
  const auto csv =
      rows_of("\xEF\xBB\xBFperson,garment,no-cache,operation\np.jpg,,yes,strip thumbnail:9\n");
  const auto json = rows_of(
      "{\"person\":\"p.jpg\",\"garment\":null,\"no-cache\":true,\"operation\":[\"strip\","
      "\"thumbnail:9\"]}\n\n"
  );
  REQUIRE(csv.size() == 1);
  CHECK(csv[0].fields == json.at(0).fields);
  CHECK(csv[0].fields.at("operation").size() == 2);
  CHECK_FALSE(csv[0].fields.contains("garment"));
  CHECK(csv[0].line == 2);
  CHECK_FALSE(rows_of("{\"no-cache\":false}")[0].fields.contains("no-cache"));
}

TEST_CASE("a row that cannot be meant is refused with its line") {
  CHECK(failed_of("person,grment\na,b\n") == "cannot use f, line 2: there is no column grment");
  CHECK(
      failed_of("person,garment\na\n") == "cannot use f, line 2: it has 1 cells, and the header 2"
  );
  CHECK(
      failed_of("person, person,garment\na,b,c\n")
      == "cannot use f, line 1: the column person is there twice"
  );
  CHECK(failed_of("person,no-cache\na,perhaps\n").ends_with("perhaps is no no-cache"));
  CHECK(failed_of("{\"quality\":\"best\"}").ends_with("best is no quality"));
  CHECK(failed_of("{\"person\":\"a\"}\n[1]\n").starts_with("cannot use f, line 2"));
  CHECK(failed_of("person\n") == "cannot use f: it has no rows");
}

TEST_CASE("a row is the same while it says the same, wherever its result goes") {
  const batch_fields row{{"person", {"a"}}, {"prompt", {"x"}}};
  auto other = row;
  other["output"] = {"b.jpg"};
  CHECK(fingerprint_of(row) == fingerprint_of(other));
  other["prompt"] = {"y"};
  CHECK(fingerprint_of(row) != fingerprint_of(other));
  CHECK(fingerprint_of({{"a", {"b", "c"}}}) != fingerprint_of({{"a", {"b:1:c"}}}));
}

TEST_CASE("a results file keeps what was put last, past a line that was cut off") {
  const stayler::test::temporary_folder folder;
  const auto file = (folder.path() / "r.jsonl").string();
  std::string id;
  {
    batch_log log{file};
    id = log.id();
    batch_entry entry;
    entry.key = "k";
    entry.row = 1;
    entry.state = "sending";
    entry.request = R"({"a":1})";
    log.put(entry);
    CHECK_THROWS_AS(batch_log{file}, command_error);
  }
  std::ofstream{file, std::ios::app} << R"({"row":1,"key":"k","sta)";
  {
    batch_log log{file};
    CHECK(log.id() == id);
    auto entry = log.find("k");
    CHECK(entry.state == "sending");
    CHECK(entry.request == R"({"a":1})");
    CHECK(log.find("other").state.empty());
    entry.state = "submitted";
    entry.job = "j";
    log.put(entry);
    log.compact({"k"});
  }
  const batch_log log{file};
  CHECK(log.find("k").job == "j");
  CHECK(log.find("k").request.empty());
}
