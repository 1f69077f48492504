// SPDX-License-Identifier: MIT
#include "app/cli/output/error_texts.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "app/cli/output/text_table.hpp"
#include "app/cli/output/time_texts.hpp"
#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::cli;

namespace {

const timestamp output_time = *parse_rfc3339("2026-11-30T10:00:00.000Z");

adapters::json_value parsed(std::string_view text) {
  return *adapters::parse_json(text);
}

}  // namespace

TEST_CASE("times are shown as ages, spans in two units, bytes and dollars with what matters") {
  const auto shown = [](std::string_view time) {
    return show_time(time, time_style::relative, output_time);
  };
  CHECK(shown("2026-11-30T09:59:01.000Z") == "59s ago");
  CHECK(shown("2026-11-30T08:30:00.000Z") == "90m ago");
  CHECK(shown("2026-11-30T12:00:00.000Z") == "in 2h");
  CHECK(shown("2026-11-20T10:00:00.000Z") == "10d ago");
  CHECK(shown("") == "-");
  CHECK(show_time("2026-11-30T10:00:00.000Z", time_style::utc, {}) == "2026-11-30T10:00:00.000Z");
  CHECK(show_duration(milliseconds{850}) == "850 ms");
  CHECK(show_duration(milliseconds{4'870}) == "4.8 s");
  CHECK(show_duration(milliseconds{200'000}) == "3m 20s");
  CHECK(show_duration(milliseconds{7'500'000}) == "2h 5m");
  CHECK(show_span("2026-11-30T10:00:00.000Z", "2026-11-30T10:00:02.500Z") == "2.5 s");
  CHECK(show_span("2026-11-30T10:00:00.000Z", "").empty());
  CHECK(show_bytes(204'811) == "200.0 KiB");
  CHECK(show_dollars(0.039) == "$0.039");
  CHECK(show_dollars(12.3456) == "$12.35");
}

TEST_CASE("times of filters are ages, days and times, and nothing else") {
  CHECK(read_time("2d", output_time) == "2026-11-28T10:00:00.000Z");
  CHECK(read_time("90m", output_time) == "2026-11-30T08:30:00.000Z");
  CHECK(read_time("2026-11-28", output_time) == "2026-11-28T00:00:00.000Z");
  CHECK(read_time("2026-11-28T09:00:00+01:00", output_time) == "2026-11-28T08:00:00.000Z");
  for (const auto* text : {"", "d", "yesterday", "2026-13-01", "1h ago"}) {
    CHECK(read_time(text, output_time).empty());
  }
}

TEST_CASE("a table is aligned by what is seen, also of texts beyond ASCII") {
  text_table table{{"id", "text"}};
  table.add({{"é"}, {"x"}});
  table.add({{"日本"}, {"y"}});
  CHECK(table.render(console{output_options{}}) == "ID    TEXT\né     x\n日本  y");
  CHECK(display_width("日本") == 4);
  CHECK(cut_to_width("abcdef", 4) == "abc…");
  CHECK(cut_to_width("日本語", 4) == "日…");
  CHECK(cut_to_width("abc", 3) == "abc");
  CHECK(cut_to_width("abcdef", 4, false) == "abc~");
  CHECK(display_width("e\u0301") == 1);
}

TEST_CASE("what others have written cannot steer the terminal") {
  CHECK(safe_text("a\x1b[31mb\r\nc\x7f") == "a?[31mb??c?");
  CHECK(
      safe_text("\xC2\x9B"
                "31m")
      == "?31m"
  );
  CHECK(safe_text("é日") == "é日");
  // The direction of writing, a C1 control of one byte, and UTF-8 that is cut off or too long.
  CHECK(safe_text("a\u202Eb\u2066c") == "a?b?c");
  CHECK(
      safe_text("\x9B"
                "31m\xE2\x82 \xC0\x9B \xED\xA0\x80")
      == "?31m?? ?? ???"
  );
  const command_error error{exit_code::refused, "cannot \x1b[2J", "why\n", ""};
  CHECK(error_as_text(error) == "stayler: cannot ?[2J\n  why: why?");
}

TEST_CASE("a terminal is let have lines, tabs and our colours, and ASCII alone without UTF-8") {
  CHECK(terminal_text("a\tb\n\x1b[32mc\x1b[0m", true) == "a\tb\n\x1b[32mc\x1b[0m");
  CHECK(terminal_text("\x1b[8mhidden\x1b]0;t\x07\r", true) == "?[8mhidden?]0;t??");
  CHECK(terminal_text("é…", true) == "é…");
  CHECK(terminal_text("Û…", false) == "??");
}

TEST_CASE("an error has three lines, and in JSON the problem with exit code and hint") {
  command_error error{exit_code::not_found, "cannot show job 1", "no such job", "stayler list"};
  error.request_id = "r-1";
  CHECK(
      error_as_text(error)
      == "stayler: cannot show job 1\n  why: no such job, request r-1\n  do:  stayler list"
  );
  error.problem = R"({"status":404,"error":"not_found"})";
  CHECK(
      error_as_json(error)
      == R"({"status":404,"error":"not_found","requestId":"r-1","exitCode":5,"hint":"stayler list"})"
  );
}

TEST_CASE("fields of an answer are chosen by their paths, and what is missing is null") {
  const auto page = parsed(R"({"jobs":[{"id":"a","p":{"n":1.5}},{"id":"b"}],"nextCursor":null})");
  CHECK(
      to_json_with_fields(page, "jobs", {"id", "p.n"})
      == R"({"jobs":[{"id":"a","p.n":1.5},{"id":"b","p.n":null}],"nextCursor":null})"
  );
  CHECK(to_json_with_fields(parsed(R"({"id":7})"), "", {"id"}) == R"({"id":7})");
  CHECK(to_json(page) == R"({"jobs":[{"id":"a","p":{"n":1.5}},{"id":"b"}],"nextCursor":null})");
  CHECK(text_of(page, "jobs").starts_with("["));
  CHECK(text_of(page, "none.at.all").empty());
}

TEST_CASE("a bar has blocks where the terminal shows them") {
  CHECK(render_bar(50, 4, false) == "##--");
  CHECK(render_bar(100, 2, true) == "██");
  CHECK(render_bar(-5, 2, false) == "--");
  CHECK(shows_unicode("", "", "en_US.UTF-8"));
  CHECK_FALSE(shows_unicode("C", "", "en_US.UTF-8"));
  CHECK_FALSE(shows_unicode("", "", ""));
}
