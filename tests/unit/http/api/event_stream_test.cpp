// SPDX-License-Identifier: MIT

// What goes over the wire to a follower of events.

#include "http/api/event_stream.hpp"

#include "adapters/event_feed/memory_event_feed.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>

namespace stayler::http {

namespace {

using adapters::feed_event;
using Catch::Contains;
using Catch::Equals;

struct follower {
  follower() {
    about.id = job_id{make_uuid_v7(timestamp{milliseconds{5}})};
    about.request.user_id = "ann";
    about.status = job_status::processing;
    about.token = fencing_token{1};
    about.progress = {job_stage::converting, 40};
    options.feed = feed;
    options.after = feed->newest();
  }

  void tell(job_status status, job_progress progress = {job_stage::queued, 0}) {
    job changed = about;
    changed.status = status;
    changed.progress = progress;
    changed.result.image_id = "picture-1";
    feed->publish({adapters::make_feed_event(changed)});
  }

  void tell_of_other() {
    job other;
    other.id = job_id{make_uuid_v7(timestamp{milliseconds{9}})};
    feed->publish({adapters::make_feed_event(other)});
  }

  void open() {
    stream = make_event_stream(options);
    stream->begin([this] { ++wakes; });
  }

  std::shared_ptr<adapters::event_feed> feed = adapters::make_memory_event_feed();
  job about;
  event_stream_options options;
  std::shared_ptr<body_stream> stream;
  int wakes = 0;
};

struct job_follower : follower {
  job_follower() {
    options.filter.job = about.id;
    options.known = adapters::make_feed_event(about);
    options.first = render_snapshot(about, options.after);
  }
};

}  // namespace

TEST_CASE("followers of all jobs are told that a type is paused, and goes on") {
  follower f;
  f.open();
  f.stream->next();
  const type_pause pause{
      job_type::image_conversion, timestamp{milliseconds{5}}, timestamp{milliseconds{60'000}},
      "ops", "line\nbreak"};
  f.feed->publish(
      {adapters::make_pause_event(adapters::feed_subject::pause, pause, pause.since),
       adapters::make_pause_event(
           adapters::feed_subject::resume, {.type = pause.type}, pause.until
       )}
  );
  const auto bytes = f.stream->next().bytes;
  CHECK_THAT(
      bytes,
      Contains("\nevent: pause\ndata: {\"type\":\"image_conversion\","
               "\"since\":\"1970-01-01T00:00:00.005Z\",\"until\":\"1970-01-01T00:01:00.000Z\","
               "\"by\":\"ops\",\"reason\":\"line\\nbreak\",\"at\":\"1970-01-01T00:00:00.005Z\"}\n\n"
      )
  );
  CHECK_THAT(
      bytes, Contains("\nevent: resume\ndata: {\"type\":\"image_conversion\","
                      "\"at\":\"1970-01-01T00:01:00.000Z\"}\n\n")
  );
}

TEST_CASE("an event on the wire has its id, its name and one line of JSON") {
  feed_event event;
  event.job = *parse_job_id("01936d4e-0000-7000-8000-000000000001");
  event.user_id = "u \"1\"\n";
  event.status = job_status::processing;
  event.attempt = fencing_token{2};
  event.progress = {job_stage::converting, 40};
  event.at = timestamp{milliseconds{1'764'000'000'125}};
  CHECK(
      render_event({{17, 4, 2}, event})
      == "id: 17-4-2\nevent: progress\ndata: "
         R"({"jobId":"01936d4e-0000-7000-8000-000000000001","type":"image_conversion",)"
         R"("userId":"u \"1\"\n","status":"processing","attempt":2,)"
         R"("progress":{"stage":"converting","percent":40},"at":"2025-11-24T16:00:00.125Z"})"
         "\n\n"
  );
  event.status = job_status::failed;
  event.error = error_class::safety_blocked;
  CHECK_THAT(
      render_event({{17, 4, 3}, event}), Catch::StartsWith("id: 17-4-3.end\nevent: status\n")
                                             && Contains(R"("errorClass":"safety_blocked")")
  );
}

TEST_CASE("an event's id says whether it was the job's last") {
  CHECK_FALSE(parse_event_id("17-4-2")->was_last);
  CHECK(parse_event_id("17-4-2.end")->was_last);
  CHECK(parse_event_id("17-4-2.end")->place == adapters::feed_place{17, 4, 2});
  for (const char* wrong : {"", ".end", "17.end", "17-4-2.ends", "17-4-2 "}) {
    INFO(wrong);
    CHECK_FALSE(parse_event_id(wrong));
  }
}

TEST_CASE_METHOD(job_follower, "the stream of a job begins with the job and ends with its end") {
  open();
  CHECK_THAT(
      stream->next().bytes, Catch::StartsWith("retry: ") && Contains("event: snapshot\ndata: {")
                                && Contains(R"("percent":40)")
  );
  CHECK(stream->next().bytes.empty());
  tell(job_status::processing, {job_stage::uploading, 90});
  tell_of_other();
  const auto progress = stream->next();
  CHECK_THAT(progress.bytes, Contains("event: progress") && Contains(R"("percent":90)"));
  CHECK_FALSE(progress.is_last);
  tell(job_status::completed);
  tell(job_status::pending);
  const auto end = stream->next();
  CHECK_THAT(
      end.bytes, Contains(R"("status":"completed")") && Contains(R"("imageId":"picture-1")")
                     && !Contains("pending") && Contains(".end\n")
  );
  CHECK(end.is_last);
}

TEST_CASE_METHOD(job_follower, "what the snapshot knew already is not told again") {
  tell(job_status::processing, {job_stage::downloading, 5});
  tell(job_status::processing, {job_stage::converting, 40});
  tell(job_status::processing, {job_stage::processing, 70});
  open();
  stream->next();
  CHECK_THAT(
      stream->next().bytes,
      Contains(R"("percent":70)") && !Contains(R"("percent":5)") && !Contains(R"("percent":40)")
  );
}

TEST_CASE_METHOD(job_follower, "a job that has ended is shown once what the feed has is told") {
  about.status = job_status::completed;
  options.first.clear();
  options.known.reset();
  options.last = render_snapshot(about, options.after);
  SECTION("where its end is in the feed") {
    tell(job_status::completed);
    open();
    stream->next();
    const auto end = stream->next();
    CHECK_THAT(end.bytes, Contains("event: status") && !Contains("snapshot"));
    CHECK(end.is_last);
  }
  SECTION("where it is not") {
    open();
    stream->next();
    const auto end = stream->next();
    CHECK_THAT(end.bytes, Contains("event: snapshot") && Contains(".end\n"));
    CHECK(end.is_last);
  }
}

TEST_CASE_METHOD(job_follower, "the stream of a job ends where events are missing") {
  options.after = {};
  options.first.clear();
  open();
  stream->next();
  const auto end = stream->next();
  CHECK(end.is_last);
  CHECK(end.bytes.empty());
}

TEST_CASE_METHOD(follower, "a stream of many jobs names its gap and goes on") {
  options.after = {};
  tell(job_status::pending);
  open();
  stream->next();
  const auto told = stream->next();
  CHECK_THAT(told.bytes, Contains("event: gap\n") && Contains("event: status\n"));
  CHECK_FALSE(told.is_last);
  tell(job_status::completed);
  CHECK_FALSE(stream->next().is_last);
}

TEST_CASE_METHOD(follower, "a stream is woken once for all that comes until it is asked") {
  open();
  stream->next();
  for (int i = 0; i < 10; ++i) {
    tell_of_other();
  }
  CHECK(wakes == 1);
  CHECK_FALSE(stream->next().bytes.empty());
  tell_of_other();
  CHECK(wakes == 2);
}

TEST_CASE_METHOD(follower, "a heartbeat says how far the follower has come") {
  options.filter.user_id = "nobody";
  open();
  stream->next();
  tell_of_other();
  CHECK(stream->next().bytes.empty());
  CHECK(stream->heartbeat() == ":\nid: " + to_string(feed->newest()) + "\n\n");
}

TEST_CASE_METHOD(follower, "a stream that ends lets go of its ticket") {
  const auto ticket = std::make_shared<int>(1);
  options.ticket = ticket;
  open();
  options = {};
  CHECK(ticket.use_count() == 2);
  stream.reset();
  CHECK(ticket.use_count() == 1);
}

TEST_CASE_METHOD(follower, "a stream ends at once when its key is revoked", "[event_stream]") {
  options.validity = std::make_shared<key_validity>();
  open();
  while (!stream->next().bytes.empty()) {
  }
  wakes = 0;
  options.validity->revoke();
  CHECK(wakes == 1);
  const auto end = stream->next();
  CHECK(end.is_last);
  CHECK(end.bytes.empty());
}

TEST_CASE_METHOD(follower, "a stream whose key is gone by then does not begin", "[event_stream]") {
  options.validity = std::make_shared<key_validity>();
  options.validity->revoke();
  open();
  CHECK(stream->next().is_last);
}

}  // namespace stayler::http
