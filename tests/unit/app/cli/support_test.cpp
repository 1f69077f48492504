// SPDX-License-Identifier: MIT
#include "app/cli/bench/load_run.hpp"
#include "app/cli/bundle/job_bundle.hpp"
#include "app/cli/jobs/pause_texts.hpp"
#include "app/cli/live/live_lines.hpp"
#include "app/cli/live/sparkline.hpp"
#include "tests/support/catch.hpp"

#include <limits>

using namespace stayler;
using namespace stayler::cli;
using std::chrono::microseconds;

TEST_CASE("a sparkline goes from nothing to the largest value, and shows the little as well") {
  CHECK(render_sparkline({0, 1, 1000}, 3, true) == "▁▂█");
  CHECK(render_sparkline({0, 1, 1000}, 3, false) == "019");
  CHECK(render_sparkline({1, 2, 3, 4}, 2, false).size() == 2);
  CHECK(render_sparkline({5}, 3, false) == "  9");
  CHECK(render_sparkline({0, 0}, 2, true) == "▁▁");
  CHECK(render_sparkline({std::numeric_limits<double>::quiet_NaN(), 2}, 2, false) == " 9");
  CHECK(render_sparkline({}, 2, true) == "  ");
}

TEST_CASE("a screen shows state, counts, series, latency, provider and money, and fits its width") {
  const auto overview = *adapters::parse_json(
      R"({"at":"2026-11-30T10:00:00.000Z","scope":"all","instance":"staging",
          "queue":{"state":"running","pausedTypes":["image_processing"],"queueAge":2.5,
            "jobs":{"pending":3,"scheduled":0,"processing":5,"completed":900,"failed":4}},
          "workers":{"total":5,"busy":5},"provider":{"breaker":"closed","model":"m","callsInFlight":5,
          "maxInFlight":16},"costs":{"total":1.25,"perHour":0.8,"budgetPerDay":10},
          "stages":{"total":{"p50":4800,"p90":6200,"p99":7000}},
          "series":{"completed":[1,2,null],"failed":[0,0,1],"pending":[1,2,3],"busyWorkers":[5,5,5],
          "callsInFlight":[1,2,5]}})"
  );
  const auto lines = render_live_lines(overview, {"http://h:1", 60, false});
  std::string all;
  for (const auto& line : lines) {
    CHECK(line.size() <= 60 + 2);  // a cut line ends with a sign of three bytes
    all += line + "\n";
  }
  for (const auto* part :
       {"[staging]", "image_processing paused", "pending 3", "3 in the last minute", "5 of 5 busy",
        "oldest 2 s", "p90 6.2 s", "m, breaker closed", "$1.250 today of $10.00"}) {
    INFO(part << " in\n" << all);
    CHECK(all.find(part) != std::string::npos);
  }
  CHECK(render_live_line(overview).find("workers 5/5") != std::string::npos);
  const auto limited = *adapters::parse_json(R"({"at":"t","scope":"users","queue":null})");
  CHECK(render_live_lines(limited, {"u", 80, false}).size() == 3);
}

TEST_CASE("a pause is told with what is known of it") {
  const auto now = *parse_rfc3339("2026-11-30T09:00:00Z");
  const auto status = *adapters::parse_json(
      R"({"pausedTypes":["image_conversion","image_processing"],"pauses":[
          {"type":"image_conversion","since":"2026-11-30T08:00:00.000Z",
           "until":"2026-11-30T09:30:00.000Z","by":"ops","reason":"switching keys"},
          {"type":"image_processing"}]})"
  );
  CHECK(
      pauses_text(status, time_style::utc, now)
      == "image_conversion paused by ops until 2026-11-30T09:30:00.000Z: switching keys; "
         "image_processing paused"
  );
  CHECK(
      pauses_text(status, time_style::relative, now)
      == "image_conversion paused by ops, ends in 30m: switching keys; image_processing paused"
  );
  // As a service of before tells it.
  const auto earlier = *adapters::parse_json(R"({"pausedTypes":["image_processing"]})");
  CHECK(pauses_text(earlier, time_style::utc, now) == "image_processing paused");
  CHECK(pauses_text(*adapters::parse_json("{}"), time_style::utc, now).empty());
}

TEST_CASE("a bundle has nothing that lets somebody in") {
  CHECK(
      without_secrets(R"({"a":"https://s3.example/p.jpg?X-Amz-Signature=abc","b":"x?y"})")
      == R"({"a":"https://s3.example/p.jpg?***","b":"x?y"})"
  );
  CHECK(
      without_secrets("redis://:hunter2@h:1/0 https://a@b/c@d")
      == "redis://***@h:1/0 https://***@b/c@d"
  );
  CHECK(without_secrets(R"("http://h:1/path")") == R"("http://h:1/path")");
  CHECK(without_secrets("http://h") == "http://h");
}

TEST_CASE("a bundle says what is inside and what was left out") {
  const auto text = describe_bundle(
      "j-1", {{"job.json", "{}", ""}, {"audit.json", "", "this key may not see it"}}
  );
  CHECK(text.find("job j-1") != std::string::npos);
  CHECK(text.find("  job.json (2 B)\n") != std::string::npos);
  CHECK(text.find("  audit.json: this key may not see it\n") != std::string::npos);
}

TEST_CASE("quantiles of no times are zero, and of some are among them") {
  CHECK(quantile_of({}, 0.5) == microseconds{0});
  const std::vector<microseconds> times{microseconds{30}, microseconds{10}, microseconds{20}};
  CHECK(quantile_of(times, 0.5) == microseconds{20});
  CHECK(quantile_of(times, 0) == microseconds{10});
  CHECK(quantile_of(times, 1) == microseconds{30});
}
