// SPDX-License-Identifier: MIT

// Job requests are taken only when every field is right, and all that is wrong is said at once.
// What was taken is written as it is read.

#include "http/api/json/jobs/job_request_json.hpp"

#include "http/api/json/jobs/job_batch_json.hpp"
#include "messages/base/duration.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using http::job_rules;
using http::parse_job_request;

namespace {

const job_rules rules{2, 5, 300s};

constexpr std::string_view conversion = R"({
  "type": "image_conversion", "conversionId": "conv-1", "userId": "user:7", "priority": 10,
  "payload": {"userImageId": "img_1", "clothImageId": "img.2", "options": {
    "style": "casual", "quality": "high", "prompt": "blue\nplease", "aspectRatio": "3:4",
    "outputFormat": "webp", "noCache": true, "fromAnOlderCaller": 1}},
  "runAt": "2026-11-24T10:00:00+01:00", "maxRetries": 5, "timeout": "90s"})";

/// The conversion with one of its members replaced, or added.
std::string with_member(std::string_view name, std::string_view json) {
  return R"({"type":"image_conversion","conversionId":"c","userId":"u","payload":)"
         R"({"userImageId":"a","clothImageId":"b"},")"
         + std::string{name} + "\":" + std::string{json} + "}";
}

std::string with_options(std::string_view options) {
  return R"({"type":"image_conversion","conversionId":"c","userId":"u","payload":)"
         R"({"userImageId":"a","clothImageId":"b","options":)"
         + std::string{options} + "}}";
}

std::string with_operations(std::string_view operations) {
  return R"({"type":"image_processing","userId":"u","payload":{"imageId":"a","options":)"
         R"({"operations":)"
         + std::string{operations} + "}}}";
}

job_request accepted(std::string_view body) {
  auto parsed = parse_job_request(body, rules);
  for (const auto& problem : parsed.problems) {
    UNSCOPED_INFO(problem.field << " " << problem.message);
  }
  REQUIRE(parsed.problems.empty());
  return parsed.request;
}

/// The fields that are refused, in order.
std::vector<std::string> refused(std::string_view body) {
  std::vector<std::string> fields;
  for (const auto& problem : parse_job_request(body, rules).problems) {
    CHECK_FALSE(problem.message.empty());
    fields.push_back(problem.field);
  }
  return fields;
}

using fields = std::vector<std::string>;

}  // namespace

TEST_CASE("a job may have a web hook of its own where its host is allowed") {
  const std::string body = with_member("webhookUrl", R"("https://Hooks.example.com/a?b=c#d")");
  CHECK(refused(body) == fields{"webhookUrl"});
  job_rules some = rules;
  some.webhook_urls.hosts = {{"hooks.example.com", 0}};
  const auto parsed = parse_job_request(body, some);
  CHECK(parsed.problems.empty());
  CHECK(parsed.request.webhook_url == "https://Hooks.example.com/a?b=c");
  for (const std::string_view wrong :
       {R"("https://other.example/")", R"("http://ann:secret@hooks.example.com/")",
        R"("hooks.example.com")", R"("https://hooks.example.com:8443/")", "7"}) {
    INFO(wrong);
    const auto problems = parse_job_request(with_member("webhookUrl", wrong), some).problems;
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].field == "webhookUrl");
    CHECK(problems[0].message.find("secret") == std::string::npos);
  }
  CHECK(accepted(with_member("webhookUrl", R"("")")).webhook_url.empty());
}

TEST_CASE("a URL may stand for an image where its host is allowed") {
  const std::string body =
      R"({"type":"image_conversion","conversionId":"c","userId":"u","payload":)"
      R"({"userImageId":"https://cdn.example.com/a.jpg?x=1","clothImageId":"http://other.org/b"}})";
  const fields both{"payload.userImageId", "payload.clothImageId"};
  CHECK(refused(body) == both);

  job_rules some = rules;
  some.image_urls.hosts = {{"cdn.example.com", 0}};
  const auto parsed = parse_job_request(body, some);
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].field == "payload.clothImageId");
  CHECK(parsed.problems[0].message.find("IMAGE_URL_ALLOW") != std::string::npos);

  some.image_urls.hosts.push_back({"other.org", 0});
  const auto taken = parse_job_request(body, some);
  CHECK(taken.problems.empty());
  CHECK(taken.request.payload.user_image_id == "https://cdn.example.com/a.jpg?x=1");
  CHECK(http::images_of(taken.request).empty());
  CHECK(parse_job_batch(R"({"jobs":[)" + body + "]}", some).jobs.at(0).problems.empty());
}

TEST_CASE("a complete conversion request is read field by field") {
  const auto request = accepted(conversion);
  CHECK(request.type == job_type::image_conversion);
  CHECK(request.conversion_id == "conv-1");
  CHECK(request.user_id == "user:7");
  CHECK(request.priority == 10);
  CHECK(request.payload.user_image_id == "img_1");
  CHECK(request.payload.cloth_image_id == "img.2");
  CHECK(
      request.payload.options
      == conversion_options{"casual", "high", "blue\nplease", "3:4", "webp", true}
  );
  CHECK(to_rfc3339(request.run_at) == "2026-11-24T09:00:00.000Z");
  CHECK(request.max_retries == 5);
  CHECK(request.timeout == 90s);
}

TEST_CASE("a job starts 366 days ahead at the latest, and the refusal says until when") {
  const timestamp now = *parse_rfc3339("2026-11-29T12:00:00.000Z");
  const auto bounded = http::job_rules_from(settings{}, now);
  const auto problems_of = [&bounded](std::string_view start) {
    const auto body = with_member("runAt", "\"" + std::string{start} + "\"");
    return parse_job_request(body, bounded).problems;
  };
  CHECK(problems_of("2027-11-30T12:00:00Z").empty());
  CHECK(problems_of("2020-01-01T00:00:00Z").empty());
  const auto refused = problems_of("9999-12-31T00:00:00Z");
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].field == "runAt");
  CHECK(
      refused[0].message
      == "must be 366 days ahead at most, until 2027-11-30T12:00:00.000Z, and is "
         "9999-12-31T00:00:00.000Z"
  );
  CHECK(problems_of("2027-11-30T12:00:00.001Z").size() == 1);
}

TEST_CASE("what is left out comes from the configuration") {
  const auto request = accepted(with_options("{}"));
  CHECK(request.priority == 5);
  CHECK(request.max_retries == 2);
  CHECK(request.timeout == 300s);
  CHECK_FALSE(is_set(request.run_at));
  CHECK(request.payload.options == conversion_options{});
  CHECK(parse_job_request(with_options("{}"), {7, 3, 1s}).request.max_retries == 3);
}

TEST_CASE("a job is as urgent as it says, and an urgency that is none is refused") {
  CHECK(accepted(conversion).urgency == job_urgency::normal);
  CHECK(accepted(with_member("urgency", R"("normal")")).urgency == job_urgency::normal);
  CHECK(accepted(with_member("urgency", R"("low")")).urgency == job_urgency::low);
  CHECK(accepted(with_member("urgency", "null")).urgency == job_urgency::normal);
  for (const std::string bad : {R"("high")", R"("LOW")", "1", "true"}) {
    CHECK(refused(with_member("urgency", bad)) == fields{"urgency"});
  }
}

TEST_CASE("null counts as left out") {
  CHECK(accepted(with_member("priority", "null")).priority == 5);
  CHECK(accepted(with_member("timeout", "null")).timeout == 300s);
}

TEST_CASE("a body that is no JSON object is refused as a whole") {
  for (const auto* body : {"", "nonsense", "[]", "7", "{\"type\":1,\"type\":2}"}) {
    CHECK(refused(body) == fields{"body"});
  }
}

TEST_CASE("every field that is missing is named") {
  CHECK(refused("{}") == fields{"type", "userId", "payload"});
  CHECK(
      refused(R"({"type":"image_conversion","payload":{}})")
      == fields{"conversionId", "userId", "payload.userImageId", "payload.clothImageId"}
  );
  CHECK(
      refused(R"({"type":"image_processing","userId":"u","payload":{}})")
      == fields{"payload.imageId", "payload.options"}
  );
}

TEST_CASE("every field that is wrong is named in one answer") {
  CHECK(
      refused(R"({"type":"image_conversion","conversionId":7,"userId":" a","priority":21,
                  "payload":{"userImageId":"","clothImageId":true,"options":{"quality":"ultra"},
                  "extra":1},"runAt":"tomorrow","maxRetries":6,"timeout":"600","color":"red"})")
      == fields{
          "conversionId", "userId", "priority", "payload.userImageId", "payload.clothImageId",
          "payload.options.quality", "payload.extra", "runAt", "maxRetries", "timeout", "color"}
  );
}

TEST_CASE("an unknown type is refused") {
  CHECK(
      refused(R"({"type":"video","conversionId":"c","userId":"u","payload":{"x":1}})")
      == fields{"type"}
  );
}

TEST_CASE("priorities are whole numbers from 1 to 20") {
  CHECK(accepted(with_member("priority", "1")).priority == 1);
  CHECK(accepted(with_member("priority", "20")).priority == 20);
  for (const auto* bad : {"21", "-1", "5.5", "\"5\"", "\"\"", "true", "18446744073709551615"}) {
    INFO(bad);
    CHECK(refused(with_member("priority", bad)) == fields{"priority"});
  }
}

TEST_CASE("a whole number may be written with a point or an exponent") {
  CHECK(accepted(with_member("priority", "5.0")).priority == 5);
  CHECK(accepted(with_member("priority", "1e1")).priority == 10);
  CHECK(accepted(with_member("maxRetries", "1e0")).max_retries == 1);
  CHECK(accepted(with_member("timeout", "6e11")).timeout == 600s);
  const auto resize = accepted(with_operations(R"([{"type":"resize","width":300.0}])"));
  CHECK(resize.payload.operations.at(0).width == 300);
}

TEST_CASE("a number that is refused is named with what is allowed") {
  const auto message_about = [](std::string_view name, std::string_view number) {
    const auto problems = parse_job_request(with_member(name, number), rules).problems;
    REQUIRE(problems.size() == 1);
    return problems[0].field + " " + problems[0].message;
  };
  CHECK(
      message_about("priority", "5.5") == "priority must be a whole number from 1 to 20, not 5.5"
  );
  CHECK(
      message_about("maxRetries", "9007199254740993")
      == "maxRetries must be a whole number from 0 to 5, not 9007199254740993"
  );
  CHECK(
      message_about("maxRetries", "9007199254740993.0")
      == "maxRetries must be a whole number from 0 to 5, not 9007199254740992"
  );
  CHECK(
      message_about("priority", "\"x\"")
      == "priority must be a whole number from 1 to 20, not a string"
  );
  CHECK(
      message_about("timeout", "18446744073709551615")
      == "timeout must be from 100ms to 24h, not "
             + format_duration(milliseconds{18'446'744'073'709})
  );
  CHECK(
      message_about("timeout", "1.5")
      == "timeout must be a duration such as \"600s\", or whole nanoseconds, not 1.5"
  );
  CHECK(
      message_about("priority", "1e400")
      == "body not valid JSON: the number 1e400 of \"priority\" is beyond the numbers that are "
         "read, of 64 bits"
  );
}

TEST_CASE("zero values of Go clients mean that nothing is said") {
  const auto zeros = accepted(
      R"({"type":"image_conversion","conversionId":"c","userId":"u","priority":0,"timeout":0,)"
      R"("runAt":"0001-01-01T00:00:00Z","maxRetries":0,"payload":{"userImageId":"a",)"
      R"("clothImageId":"b","options":{"style":"","quality":"","prompt":"","aspectRatio":"",)"
      R"("outputFormat":"","noCache":false}}})"
  );
  CHECK(zeros.priority == 5);
  CHECK(zeros.timeout == 300s);
  CHECK_FALSE(is_set(zeros.run_at));
  CHECK(zeros.payload.options == conversion_options{});
  // Go's own word for it: nobody asked the former worker for a number of retries.
  CHECK(zeros.max_retries == 0);

  CHECK(accepted(with_member("timeout", "\"0s\"")).timeout == 300s);
  CHECK(accepted(with_member("timeout", "\"\"")).timeout == 300s);
  CHECK_FALSE(is_set(accepted(with_member("runAt", "\"\"")).run_at));
  const auto operations = accepted(
      R"({"type":"image_processing","userId":"u","conversionId":"","payload":{"imageId":"a",)"
      R"("options":{"operations":[{"type":"resize","width":9,"height":0,"fit":""},)"
      R"({"type":"convert","format":"png","quality":0}]}}})"
  );
  CHECK(operations.conversion_id.empty());
  CHECK(operations.payload.operations.at(0).height == 0);
  CHECK(operations.payload.operations.at(1).quality == 0);
}

TEST_CASE("a zero value does not stand for what has to be there") {
  CHECK(refused(with_member("userId", "\"\"")) == fields{"body"});  // it is there twice
  CHECK(
      refused(R"({"type":"","conversionId":"","userId":"","payload":{"userImageId":"",)"
              R"("clothImageId":""}})")
          .front()
      == "type"
  );
  CHECK(
      refused(with_operations(R"([{"type":"thumbnail","size":0},{"type":"resize","width":0}])"))
      == fields{"payload.options.operations[0].size", "payload.options.operations[1].width"}
  );
}

TEST_CASE("a timeout is a duration or whole nanoseconds") {
  CHECK(accepted(with_member("timeout", "\"1m30s\"")).timeout == 90s);
  CHECK(accepted(with_member("timeout", "600000000000")).timeout == 600s);
  for (const auto* bad : {"\"10ms\"", "\"25h\"", "1", "-5", "1.5", "\"x\"", "[]"}) {
    INFO(bad);
    CHECK(refused(with_member("timeout", bad)) == fields{"timeout"});
  }
}

TEST_CASE("maxRetries goes up to the configured ceiling") {
  CHECK(accepted(with_member("maxRetries", "0")).max_retries == 0);
  CHECK(accepted(with_member("maxRetries", "5")).max_retries == 5);
  CHECK(refused(with_member("maxRetries", "6")) == fields{"maxRetries"});
}

TEST_CASE("a user's id may be any printable text, another id is plain") {
  const auto with_user = [](const std::string& id) {
    return R"({"type":"image_conversion","conversionId":"c","payload":{"userImageId":"a",)"
           R"("clothImageId":"b"},"userId":")"
           + id + "\"}";
  };
  for (const std::string& good :
       {std::string(256, 'a'), std::string{"A.b_c:d-9"}, std::string{"auth0|62e0"},
        std::string{"ann+test@example.com"}, std::string{"../x"}, std::string{"é"}}) {
    INFO(good);
    CHECK(accepted(with_user(good)).user_id == good);
  }
  for (const std::string& bad :
       {std::string(257, 'a'), std::string{}, std::string{"a\\u0000b"}, std::string{"a\\nb"},
        std::string{"a "}}) {
    INFO(bad);
    CHECK(refused(with_user(bad)) == fields{"userId"});
  }
  const auto with_conversion = [](const std::string& id) {
    return R"({"type":"image_conversion","userId":"u","payload":{"userImageId":"a",)"
           R"("clothImageId":"b"},"conversionId":")"
           + id + "\"}";
  };
  CHECK(accepted(with_conversion(std::string(128, 'a'))).conversion_id.size() == 128);
  for (const std::string& bad :
       {std::string(129, 'a'), std::string{}, std::string{"../x"}, std::string{"a|b"}}) {
    INFO(bad);
    CHECK(refused(with_conversion(bad)) == fields{"conversionId"});
  }
}

TEST_CASE("texts are limited in characters, not bytes") {
  std::string wish;
  for (int i = 0; i < 2000; ++i) {
    wish += "é";
  }
  CHECK(accepted(with_options("{\"prompt\":\"" + wish + "\"}")).payload.options.prompt == wish);
  CHECK(
      refused(with_options("{\"prompt\":\"" + wish + "x\"}")) == fields{"payload.options.prompt"}
  );
  CHECK(
      refused(with_options("{\"style\":\"" + std::string(101, 's') + "\"}"))
      == fields{"payload.options.style"}
  );
}

TEST_CASE("options are checked, and unknown ones ignored") {
  CHECK(accepted(with_options(R"({"aspectRatio":"16:9"})")).payload.options.aspect_ratio == "16:9");
  CHECK(accepted(with_options(R"({"anything":{"at":["all"]}})")).payload.options.style.empty());
  CHECK(
      refused(with_options(
          R"({"aspectRatio":"7:3","outputFormat":"gif","noCache":"yes","quality":1})"
      ))
      == fields{
          "payload.options.quality", "payload.options.aspectRatio",
          "payload.options.outputFormat", "payload.options.noCache"}
  );
  CHECK(refused(with_options("[]")).front() == "payload.options");
}

TEST_CASE("operations are read in their order") {
  const auto request = accepted(with_operations(
      R"([{"type":"resize","width":800,"height":600,"fit":"cover"},{"type":"resize","width":100},
          {"type":"thumbnail","size":64},{"type":"convert","format":"png","quality":90},
          {"type":"strip"}])"
  ));
  CHECK(request.type == job_type::image_processing);
  CHECK(request.conversion_id.empty());
  CHECK(request.payload.image_id == "a");
  using op = image_operation;
  const auto& operations = request.payload.operations;
  REQUIRE(operations.size() == 5);
  CHECK(operations[0] == op{op::kind::resize, 800, 600, op::fit_mode::cover, 0, {}, 0});
  CHECK(operations[1] == op{op::kind::resize, 100, 0, op::fit_mode::contain, 0, {}, 0});
  CHECK(operations[2] == op{op::kind::thumbnail, 0, 0, op::fit_mode::contain, 64, {}, 0});
  CHECK(operations[3].format == image_format::png);
  CHECK(operations[3].quality == 90);
  CHECK(operations[4].what == op::kind::strip);
}

TEST_CASE("operations that make no sense are refused by their place") {
  const std::string at = "payload.options.operations";
  CHECK(refused(with_operations("[]")) == fields{at});
  CHECK(refused(with_operations("{}")) == fields{at});
  CHECK(refused(with_operations("null")) == fields{at});
  std::string many = R"([{"type":"strip"})";
  for (int i = 0; i < 16; ++i) {
    many += R"(,{"type":"strip"})";
  }
  CHECK(refused(with_operations(many + "]")) == fields{at});
  CHECK(
      refused(with_operations(
          R"([{"type":"resize"},{"type":"resize","width":16001},{"type":"thumbnail"},7,
              {"type":"convert","format":"gif","quality":101},{"type":"rotate"},
              {"type":"resize","width":5,"fit":"fill"}])"
      ))
      == fields{at + "[0].width", at + "[1].width", at + "[2].size", at + "[3]", at + "[4].format", at + "[4].quality", at + "[5].type", at + "[6].fit"}
  );
}

TEST_CASE("the images that a job needs are known by their fields") {
  const auto both = http::images_of(accepted(conversion));
  REQUIRE(both.size() == 2);
  CHECK(both[0].field == "payload.userImageId");
  CHECK(both[0].id == "img_1");
  CHECK(both[1].field == "payload.clothImageId");
  const auto one = http::images_of(accepted(with_operations(R"([{"type":"strip"}])")));
  REQUIRE(one.size() == 1);
  CHECK(one[0].field == "payload.imageId");
}

TEST_CASE("a payload is written as it is read") {
  const auto written = [](std::string_view body) {
    adapters::json_writer json;
    http::write_payload(json, accepted(body));
    return std::move(json).text();
  };
  CHECK(
      written(conversion)
      == R"({"userImageId":"img_1","clothImageId":"img.2","options":{"style":"casual",)"
         R"("quality":"high","prompt":"blue\nplease","aspectRatio":"3:4","outputFormat":"webp",)"
         R"("noCache":true}})"
  );
  const std::string operations =
      R"([{"type":"resize","width":800,"height":600,"fit":"fill"},)"
      R"({"type":"resize","width":100,"fit":"contain"},{"type":"thumbnail","size":64},)"
      R"({"type":"convert","format":"jpeg","quality":90},{"type":"convert","format":"webp"},)"
      R"({"type":"strip"}])";
  CHECK(
      written(with_operations(operations))
      == R"({"imageId":"a","options":{"operations":)" + operations + "}}"
  );
}
