// SPDX-License-Identifier: MIT
// What is said of a server that is no stayler-worker, or wants to do harm.
#include "tests/e2e/cli/cli_run.hpp"
#include "tests/support/tcp_server.hpp"

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string some_job = "01a22dfd-0cb1-7267-a134-6e745da27de1";
/// Sets the title, clears the screen, colours by a C1 control and turns the direction of writing.
const std::string harm_in_json = R"(\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e)";

tcp_server::handler answering(const std::string& type, const std::string& body) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nX-Request-Id: \x9B"
                             "31m\r\nContent-Length: " + std::to_string(body.size()) +
                             "\r\n\r\n" + body;
  return [answer](tcp_connection& connection) {
    while (!connection.read_head().empty()) {
      connection.write(answer);
    }
  };
}

/// A member of every kind that commands read, each with harm in it.
std::string harmful_answer() {
  const auto text = "\"" + harm_in_json + "\"";
  const auto job = R"("id":"01a22dfd)" + harm_in_json + R"(","status":)" + text + R"(,"type":)"
                   + text + R"(,"userId":)" + text + R"(,"jobId":)" + text + R"(,"error":{"class":)"
                   + text + R"(,"message":)" + text + R"(},"result":{"imageId":)" + text + "}";
  return "{" + job + R"(,"message":)" + text + R"(,"detail":)" + text + R"(,"instance":)" + text
         + R"(,"state":)" + text + R"(,"scope":)" + text + R"(,"checks":{)" + text
         + R"(:{"status":)" + text + R"(}},"jobs":[{)" + job + R"(}],"workers":[{"workerId":)"
         + text + R"(}],"groups":[{"message":)" + text + R"(}],"records":[{"actor":)" + text
         + R"(}],"options":[{"name":)" + text + R"(,"value":)" + text
         + R"(}],"core":{"children":[{"name":)" + text + R"(}]}})";
}

void expect_harmless(const cli_result& run) {
  CHECK_FALSE(holds(run.out, "\x1b]0;"));
  CHECK_FALSE(holds(run.out, "\x1b[2J"));
  CHECK_FALSE(holds(run.out, "\x9B"));
  CHECK_FALSE(holds(run.out, "\xE2\x80\xAE"));
}

}  // namespace

TEST_CASE("a web server of another kind is told apart from a service without jobs") {
  const tcp_server server{answering("text/html", "<html>Welcome</html>")};
  const environment there{{"STAYLER_URL", server.url("")}};
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"list"},
           {"get", some_job},
           {"stats"},
           {"tail"},
           {"top", "--count", "1"},
           {"watch", some_job},
           {"list", "--json"},
           {"login"}}) {
    INFO(words.front());
    const auto run = run_cli(words, there);
    CHECK(run.exit_code == 1);
    CHECK(run.out.empty());
    CHECK(holds(run.error, "is it a stayler-worker that answers there?"));
  }
  const auto doctor = run_cli({"doctor"}, there);
  CHECK(doctor.exit_code == 10);
  CHECK(holds(doctor.out, "but not as a stayler-worker does"));
}

TEST_CASE("nothing that a server says steers the terminal, whichever command shows it") {
  const tcp_server server{answering("application/json", harmful_answer())};
  const environment there{{"STAYLER_URL", server.url("")}, {"LANG", "C.UTF-8"}};
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"list"},
           {"list", "-o", "id"},
           {"list", "--json"},
           {"get", some_job},
           {"why", some_job},
           {"cancel", some_job},
           {"worker"},
           {"tree"},
           {"stats"},
           {"provider"},
           {"costs"},
           {"dead", "groups"},
           {"audit"},
           {"config"},
           {"doctor"},
           {"pause", "image_conversion"}}) {
    INFO(words.front());
    expect_harmless(run_cli_on_terminal(words, {}, there));
  }
  const tcp_server stream{
      answering("text/event-stream", "id: 1\ndata: {\"jobId\":\"" + harm_in_json + "\"}\n\n")};
  expect_harmless(run_cli_on_terminal(
      {"tail", "--count", "1"}, {}, {{"STAYLER_URL", stream.url("")}, {"LANG", "C.UTF-8"}}
  ));
}

TEST_CASE("a pipe gets the bytes as they are, and a terminal without UTF-8 gets ASCII alone") {
  const tcp_server server{answering("application/json", R"({"jobs":[{"id":"\u00db\u2026"}]})")};
  const environment there{{"STAYLER_URL", server.url("")}};
  CHECK(holds(run_cli({"list", "-o", "id"}, there).out, "\xC3\x9B"));
  CHECK(holds(run_cli_on_terminal({"list", "-o", "id"}, {}, there).out, "??"));
}

TEST_CASE("an answer without end, and one that never begins, are given up") {
  const tcp_server endless{[](tcp_connection& connection) {
    connection.read_head();
    connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[\"");
    const std::string piece(1'000'000, 'x');
    for (int i = 0; i < 400; ++i) {
      connection.write(piece);
    }
  }};
  const auto large = run_cli({"list"}, {{"STAYLER_URL", endless.url("")}});
  CHECK(large.exit_code == 1);
  CHECK(holds(large.error, "it is larger than 256.0 MiB"));
  const tcp_server silent{[](tcp_connection& connection) { connection.await_close(); }};
  const auto hanging = run_cli({"list", "--timeout", "300ms"}, {{"STAYLER_URL", silent.url("")}});
  CHECK(hanging.exit_code == 7);
  CHECK(holds(hanging.error, "--timeout 60s"));
}
