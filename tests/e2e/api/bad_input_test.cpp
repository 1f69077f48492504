// SPDX-License-Identifier: MIT
// Whatever comes in, the answer says precisely what is wrong, the process is unharmed and its
// memory comes back.
#include "tests/e2e/support/service_stack.hpp"

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr long allowed_growth_kib = 48L * 1024;

struct bad_job {
  std::string what;
  std::string body;
  std::string named;  ///< what the answer has to say
};

/// A body that is right except for one member.
std::string with_member(const std::string& name, const std::string& value) {
  std::string body = "{";
  for (const auto& [key, usual] : std::map<std::string, std::string>{
           {"type", R"("image_conversion")"},
           {"conversionId", R"("c-1")"},
           {"userId", R"("ann")"},
           {"payload", R"({"userImageId":"a","clothImageId":"b"})"}}) {
    if (key != name) {
      body.append("\"").append(key).append("\":").append(usual).append(",");
    }
  }
  return body + '"' + name + "\":" + value + '}';
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

const std::vector<bad_job> bad_jobs{
    {"nothing", "", "body"},
    {"malformed JSON", R"({"type": "image_conversion",)", "body"},
    {"another type than an object", "[1,2,3]", "body"},
    {"an unknown type", with_member("type", R"("image_destruction")"), "type"},
    {"a number for a string", with_member("type", "7"), "type"},
    {"a string for an object", with_member("payload", R"("a")"), "payload"},
    {"no user", with_member("userId", "null"), "userId"},
    {"a priority of 21", with_member("priority", "21"), "priority"},
    {"half a priority", with_member("priority", "1.5"), "priority"},
    {"a negative number of retries", with_member("maxRetries", "-1"), "maxRetries"},
    {"a time that is none", with_member("runAt", R"("tomorrow")"), "runAt"},
    {"a timeout that is none", with_member("timeout", R"("long")"), "timeout"},
    {"an unknown field", with_member("colour", R"("red")"), "colour"},
    {"missing images", with_member("payload", "{}"), "payload.userImageId"},
    {"images that do not exist",
     with_member("payload", R"({"userImageId":"a","clothImageId":"b"})"), "payload.userImageId"},
    {"an unknown quality",
     with_member(
         "payload", R"({"userImageId":"a","clothImageId":"b","options":{"quality":"best"}})"
     ),
     "payload.options.quality"},
    {"bytes that are not UTF-8", with_member("userId", "\"\xC3\x28\""), "UTF-8"},
    {"a field twice", R"({"type":"image_conversion","type":"image_processing"})", "type"},
    {"deep nesting", with_member("payload", nested(5'000)), "body"},
};

struct bad_picture {
  std::string what;
  std::string bytes;
  long status;
  std::string named;
};

std::vector<bad_picture> bad_pictures() {
  const auto jpeg = make_picture({image_format::jpeg, 640, 480});
  return {
      {"nothing", "", 400, "image"},
      {"one byte", "x", 415, "JPEG"},
      {"a text", "To whom it may concern", 415, "JPEG"},
      {"a JPEG's first half", as_text(first_part(jpeg, jpeg.size() / 2)), 400, ""},
      {"a JPEG's first 20 bytes", as_text(first_part(jpeg, 20)), 400, ""},
      {"a PNG of 60,000 by 60,000 pixels", as_text(png_header(60'000, 60'000)), 400, "pixels"},
      {"50 MB", "\xFF\xD8\xFF" + as_text(byte_vector(50'000'000)), 413, "bytes"},
  };
}

void check_problem(const http_answer& answer) {
  CHECK(answer.content_type == "application/problem+json");
  const auto problem = answer.json();
  CHECK(number_at(problem, {"status"}) == answer.status);
  CHECK_FALSE(text_at(problem, {"title"}).empty());
  CHECK_FALSE(text_at(problem, {"detail"}).empty());
  CHECK_FALSE(text_at(problem, {"error"}).empty());
}

}  // namespace

TEST_CASE("every bad job is refused with the field that is wrong") {
  service_stack stack;
  for (const auto& each : bad_jobs) {
    INFO(each.what);
    const auto answer = stack.call("POST", "/worker/jobs", each.body);
    INFO(answer.body.substr(0, 500));
    CHECK(answer.status == 400);
    check_problem(answer);
    CHECK(holds(answer.body, each.named));
  }
  CHECK(stack.metric("worker_jobs_total") == 0);
}

TEST_CASE("every bad picture is refused, and memory comes back") {
  service_stack stack;
  // What is loaded and cached on first use is no leak.
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
  const auto pictures = bad_pictures();
  const auto upload_all = [&] {
    for (const auto& each : pictures) {
      INFO(each.what);
      const auto answer = stack.call("POST", "/images", each.bytes, {"Content-Type: image/jpeg"});
      INFO(answer.body);
      CHECK(answer.status == each.status);
      check_problem(answer);
      CHECK(holds(answer.body, each.named));
    }
  };
  upload_all();
  const long before = stack.worker().resident_kib();
  for (int round = 0; round < 5; ++round) {
    upload_all();
  }
  CHECK(stack.worker().resident_kib() - before < allowed_growth_kib);
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}

TEST_CASE("a request that HTTP does not allow gets the status that says so") {
  service_stack stack;
  CHECK(stack.get("/nowhere").status == 404);
  CHECK(stack.get("/worker/jobs/not-an-id").status == 404);
  CHECK(stack.get("/images/01890000-0000-7000-8000-000000000000").status == 404);
  const auto wrong_method = stack.call("PUT", "/worker/jobs", "{}");
  CHECK(wrong_method.status == 405);
  CHECK(holds(header_of(wrong_method, "allow"), "POST"));
  const auto as_form = stack.call(
      "POST", "/worker/jobs", "a=b", {"Content-Type: application/x-www-form-urlencoded"}
  );
  CHECK(as_form.status == 415);
  CHECK(stack.call("POST", "/worker/jobs", std::string(2'000'000, ' ')).status == 413);
  std::vector<std::string> flood{"Content-Type: application/json"};
  for (int i = 0; i < 200; ++i) {
    flood.push_back("X-Flood-" + std::to_string(i) + ": " + std::string(200, 'x'));
  }
  CHECK(stack.call("POST", "/worker/jobs", "{}", flood).status == 431);
  CHECK(stack.get("/health/live").status == 200);
}

TEST_CASE("an answer names its request") {
  service_stack stack;
  CHECK(
      header_of(stack.call("GET", "/worker/status", "", {"X-Request-Id: mine-1"}), "x-request-id")
      == "mine-1"
  );
  CHECK_FALSE(header_of(stack.get("/nowhere"), "x-request-id").empty());
}
