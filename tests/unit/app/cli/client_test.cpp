// SPDX-License-Identifier: MIT
#include "app/cli/client/certificate.hpp"
#include "app/cli/client/event_parser.hpp"
#include "app/cli/client/problem.hpp"
#include "app/cli/doctor/configuration_checks.hpp"
#include "app/cli/doctor/service_checks.hpp"
#include "tests/support/catch.hpp"

using namespace stayler;
using namespace stayler::cli;

TEST_CASE("events are the same in whichever pieces they come") {
  const std::string stream =
      ": alive\r\n\r\nid: 7\r\nevent: status\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata:x\n\ndata: "
      "cut";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    event_parser parser;
    std::vector<stream_event> events;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      CHECK(parser.feed(stream.substr(at, piece), [&](const stream_event& event) {
        events.push_back(event);
        return true;
      }));
    }
    REQUIRE(events.size() == 2);
    CHECK(events[0].name == "status");
    CHECK(events[0].data == "{\"a\":\n1}");
    CHECK(events[0].id == "7");
    CHECK(events[1].name == "message");
    CHECK(events[1].data == "x");
    CHECK(events[1].id == "7");
  }
}

TEST_CASE("who has enough of a stream gets no further event") {
  event_parser parser;
  int taken = 0;
  CHECK_FALSE(parser.feed("data: a\n\ndata: b\n\n", [&](const stream_event&) {
    ++taken;
    return false;
  }));
  CHECK(taken == 1);
}

TEST_CASE("each status of the API has an exit code") {
  CHECK(exit_code_of_status(400) == exit_code::refused);
  CHECK(exit_code_of_status(401) == exit_code::not_allowed);
  CHECK(exit_code_of_status(403) == exit_code::not_allowed);
  CHECK(exit_code_of_status(404) == exit_code::not_found);
  CHECK(exit_code_of_status(409) == exit_code::wrong_state);
  CHECK(exit_code_of_status(429) == exit_code::refused);
  CHECK(exit_code_of_status(503) == exit_code::unreachable);
}

TEST_CASE("a problem is explained by its detail, or by each of its fields") {
  CHECK(
      explain_problem(409, R"({"detail":"it has ended","error":"conflict"})")
      == "it has ended (409 conflict)"
  );
  CHECK(
      explain_problem(
          400, R"({"detail":"d","error":"invalid_input","errors":[{"field":"a","message":"is bad"},
               {"field":"b","message":"is worse"}]})"
      )
      == "a is bad; b is worse (400 invalid_input)"
  );
  CHECK(explain_problem(502, "<html>") == "the answer has status 502 and is not the service's own");
  CHECK(advise_on_status(403, "admin", "").find("role admin") != std::string::npos);
  CHECK(advise_on_status(429, "", "7") == "try again in 7 s");
}

TEST_CASE("doctor judges clocks by what the answer's way cannot explain") {
  const timestamp here = *parse_rfc3339("2026-11-30T10:00:00.000Z");
  CHECK(judge_clocks(here, here + milliseconds{400}, milliseconds{500}).what == "alike");
  CHECK(judge_clocks(here, here - milliseconds{1'000}, milliseconds{10}).result == verdict::ok);
  CHECK(judge_clocks(here, here + milliseconds{5'000}, milliseconds{10}).result == verdict::warn);
  CHECK(judge_clocks(here, here + milliseconds{90'000}, milliseconds{10}).result == verdict::fail);
}

TEST_CASE("doctor says for each part of the service what to do where it is not well") {
  for (const auto* part :
       {"queue", "storage", "codec", "database", "gemini", "provider_setup", "notifications",
        "coordinator"}) {
    CHECK(judge_part(part, "healthy", "").result == verdict::ok);
    CHECK(judge_part(part, "healthy", "").to_do.empty());
    CHECK(judge_part(part, "degraded", "slow").result == verdict::warn);
    CHECK(judge_part(part, "unhealthy", "away").result == verdict::fail);
    CHECK_FALSE(judge_part(part, "unhealthy", "away").to_do.empty());
  }
  CHECK(judge_part("new_part", "unhealthy", "").what == "unhealthy");
}

TEST_CASE("doctor explains what stayler-worker says of a configuration") {
  const auto bad = read_check_output(
      "stayler-worker: WORKER_MAX_WORKERS: \"many\" is not allowed (w.env:1)\n"
      "stayler-worker: cannot read it\n",
      2
  );
  REQUIRE(bad.size() == 2);
  CHECK(bad[0].check == "WORKER_MAX_WORKERS");
  CHECK(bad[0].result == verdict::fail);
  CHECK(bad[0].to_do.find("1 to 10000") != std::string::npos);
  CHECK(bad[1].check == "configuration");
  const auto good =
      read_check_output("stayler-worker: S3_X: ignored, as it is none\nconfiguration ok\n", 0);
  REQUIRE(good.size() == 2);
  CHECK(good[0].result == verdict::warn);
  CHECK(good[1].result == verdict::ok);
  CHECK(read_check_output("", 127).front().result == verdict::fail);
}

TEST_CASE("the end of a certificate is read as OpenSSL prints it") {
  CHECK(
      to_rfc3339(parse_certificate_time("Dec 31 23:59:59 2026 GMT")) == "2026-12-31T23:59:59.000Z"
  );
  CHECK(
      to_rfc3339(parse_certificate_time("Jan  1 00:00:00 2027 GMT")) == "2027-01-01T00:00:00.000Z"
  );
  CHECK_FALSE(is_set(parse_certificate_time("soon")));
}
