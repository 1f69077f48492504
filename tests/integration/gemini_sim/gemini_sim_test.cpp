// SPDX-License-Identifier: MIT
// The simulator keeps the wire format of the Gemini API: paths, keys, strictness about requests,
// and answers whose pictures are what was asked for. Over real HTTP.
#include "tests/support/catch.hpp"
#include "tests/support/programs/gemini_sim_client.hpp"

#include <set>

using namespace stayler;
using namespace stayler::test;

namespace {

std::string body_with_parts(const std::string& parts) {
  return R"({"contents":[{"parts":[)" + parts + "]}]}";
}

std::string body_with_image(const std::string& mime_type, const std::string& base64) {
  return body_with_parts(
      R"({"text":"x"},{"inlineData":{"mimeType":")" + mime_type + R"(","data":")" + base64
      + R"("}})"
  );
}

void require_error(const http_answer& answer, long status, const std::string& code) {
  INFO(answer.body.substr(0, 500));
  REQUIRE(answer.status == status);
  const auto json = answer.json();
  CHECK(number_at(json, {"error", "code"}) == status);
  CHECK(text_at(json, {"error", "status"}) == code);
  CHECK_FALSE(text_at(json, {"error", "message"}).empty());
}

std::string picture_of(const http_answer& answer) {
  INFO(answer.body.substr(0, 500));
  REQUIRE(answer.status == 200);
  return text_at(answer.json(), {"candidates", "0", "content", "parts", "0", "inlineData", "data"});
}

}  // namespace

TEST_CASE("the garment is laid on the person, without its background") {
  const sim_client sim;
  const auto seen = look_at(picture_of(sim.generate(try_on_body("wear it"))));
  CHECK(seen.format == "JPEG");
  CHECK(seen.middle[0] > 180);
  CHECK(seen.middle[2] < 80);
  CHECK(seen.corner[0] < 80);
  CHECK(seen.corner[2] > 180);
}

TEST_CASE("the picture has the asked ratio and size, and its bytes are what the type says") {
  sim::sim_options options;
  options.pictures.longest_side = 16'000;
  options.pictures.as_png = true;
  const sim_client sim{options};
  const auto answer = sim.generate(try_on_body(
      "wear it",
      R"({"responseModalities":["IMAGE"],"imageConfig":{"aspectRatio":"16:9","imageSize":"1K"}})"
  ));
  const auto seen = look_at(picture_of(answer));
  CHECK(seen.width == 1376);
  CHECK(seen.height == 768);
  CHECK(seen.format == "PNG");
  CHECK(
      text_at(answer.json(), {"candidates", "0", "content", "parts", "0", "inlineData", "mimeType"})
      == "image/png"
  );
}

TEST_CASE("without an asked ratio the first picture decides") {
  sim::sim_options options;
  options.pictures.longest_side = 16'000;
  const sim_client sim{options};
  const auto seen = look_at(picture_of(sim.generate(try_on_body("wear it"))));
  CHECK(seen.width == 896);
  CHECK(seen.height == 1200);
}

TEST_CASE("one picture comes back framed, none makes a gradient") {
  const sim_client sim;
  const std::string config = R"("generationConfig":{"responseModalities":["IMAGE"]})";
  const auto person = make_square_png(96, 96, "blue", "blue");
  auto one = body_with_image("image/png", person);
  one.insert(1, config + ',');
  const auto framed = look_at(picture_of(sim.generate(one)));
  CHECK(framed.middle[2] > 180);
  CHECK(framed.middle != framed.corner);
  const auto drawn = look_at(
      picture_of(sim.generate('{' + config + R"(,"contents":[{"parts":[{"text":"a sunset"}]}]})"))
  );
  CHECK(drawn.width == 128);
  CHECK(drawn.height == 128);
}

TEST_CASE("every answer has a fresh id, the model's name and counts that add up") {
  const sim_client sim;
  const auto first = sim.generate(try_on_body("wear it")).json();
  const auto second = sim.generate(try_on_body("wear it")).json();
  CHECK(text_at(first, {"responseId"}) != text_at(second, {"responseId"}));
  CHECK(text_at(first, {"modelVersion"}) == "gemini-nano-banana-2.1");
  CHECK(text_at(first, {"candidates", "0", "finishReason"}) == "STOP");
  const auto& usage = at(first, {"usageMetadata"});
  CHECK(
      number_at(usage, {"totalTokenCount"})
      == number_at(usage, {"promptTokenCount"}) + number_at(usage, {"candidatesTokenCount"})
             + number_at(usage, {"thoughtsTokenCount"})
  );
  CHECK(text_at(usage, {"promptTokensDetails", "1", "modality"}) == "IMAGE");
  CHECK(text_at(usage, {"candidatesTokensDetails", "0", "modality"}) == "IMAGE");
  CHECK(number_at(usage, {"candidatesTokensDetails", "0", "tokenCount"}) == 1120);
}

TEST_CASE("both spellings of a request mean the same, whatever else is accepted beside them") {
  const sim_client sim;
  const auto answer = sim.generate(try_on_body(
      "wear it",
      R"({"response_modalities":["TEXT","IMAGE"],"image_config":{"aspect_ratio":"1:1"},"seed":7,
          "temperature":0.5,"candidateCount":1,"thinkingConfig":{"thinkingLevel":"high"}},
          "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}],
          "serviceTier":"standard")"
  ));
  INFO(answer.body.substr(0, 300));
  REQUIRE(answer.status == 200);
  const auto json = answer.json();
  CHECK_FALSE(text_at(json, {"candidates", "0", "content", "parts", "0", "text"}).empty());
  const auto seen =
      look_at(text_at(json, {"candidates", "0", "content", "parts", "1", "inlineData", "data"}));
  CHECK(seen.width == seen.height);
}

TEST_CASE("an answer says which tier the call was made in, and a model is asked for free") {
  const sim_client sim;
  const auto tier_of = [&](const std::string& members) {
    const auto answer = sim.generate(try_on_body("wear it", "{}" + members));
    INFO(answer.body.substr(0, 300));
    REQUIRE(answer.status == 200);
    return text_at(answer.json(), {"usageMetadata", "serviceTier"});
  };
  CHECK(tier_of("") == "standard");
  CHECK(tier_of(R"(,"serviceTier":"flex")") == "flex");
  CHECK(tier_of(R"(,"service_tier":"FLEX")") == "flex");
  CHECK(sim.get("/v1beta/models/gemini-nano-banana-2.1").status == 200);
  const auto stats = sim.get("/sim/stats").json();
  CHECK(number_at(stats, {"generateCalls"}) == 3);
  CHECK(number_at(stats, {"byMethod", "getModel"}) == 1);
}

TEST_CASE("what the API does not understand is refused, and named") {
  const sim_client sim;
  struct bad_request {
    std::string body;
    std::string says;
  };
  const std::string picture = make_square_png(8, 8, "red", "red");
  const std::string gif = "R0lGODlhAQABAAAAACw=";
  const std::string truncated = picture.substr(0, picture.size() / 2 / 4 * 4);
  const auto config = [](const std::string& text) { return try_on_body("x", text); };
  const std::vector<bad_request> requests{
      {"{", "Invalid JSON payload"},
      {"[]", "Invalid value"},
      {R"({"contents":[]})", "contents is not specified"},
      {R"({"contents":[{"parts":[]}]})", "contents.parts must not be empty"},
      {body_with_parts("{}"), "oneof field 'data'"},
      {body_with_parts(R"({"text":7})"), "contents[0].parts[0].text"},
      {R"({"contents":[{"role":"bard","parts":[{"text":"x"}]}]})", "valid role"},
      {R"({"contents":[{"parts":[{"text":"x"}]}],"foo":1})",
       "Unknown name \\\"foo\\\": Cannot find"},
      {body_with_image("image/png", "data:image/png;base64,AAAA"), "Base64 decoding failed"},
      {body_with_image("image/gif", gif), "Unsupported MIME type: image/gif"},
      {body_with_image("image/png", gif), "Unable to process input image"},
      {body_with_image("image/png", "aGVsbG8gdGhlcmU="), "Unable to process input image"},
      {body_with_image("image/png", truncated), "Unable to process input image"},
      {config(R"({"imageConfig":{"aspectRatio":"7:9"}})"), "aspect_ratio"},
      {config(R"({"imageConfig":{"imageSize":"512"}})"), "image_size"},
      {config(R"({"imageConfig":{"imageSize":"1k"}})"), "image_size"},
      {config(R"({"imageConfig":{"outputMimeType":"image/png"}})"),
       "Unknown name \\\"outputMimeType\\\" at 'generation_config.image_config'"},
      {config(R"({"responseModalities":["VIDEO"]})"), "generation_config.response_modalities[0]"},
      {config(R"({"candidateCount":2})"), "Multiple candidates"},
      {config(R"({"responseMimeType":"application/json"})"), "JSON mode"},
  };
  for (const auto& request : requests) {
    const auto answer = sim.generate(request.body);
    require_error(answer, 400, "INVALID_ARGUMENT");
    CHECK(holds(answer.body, request.says));
  }
  require_error(
      sim.generate(body_with_parts(R"({"fileData":{"fileUri":"files/1","mimeType":"image/png"}})")),
      404, "NOT_FOUND"
  );
}

TEST_CASE("bad base64 names its field in a BadRequest") {
  const sim_client sim;
  const auto json = sim.generate(body_with_image("image/png", "not base64!")).json();
  CHECK(
      text_at(json, {"error", "details", "0", "@type"})
      == "type.googleapis.com/google.rpc.BadRequest"
  );
  CHECK(
      text_at(json, {"error", "details", "0", "fieldViolations", "0", "field"})
      == "contents[0].parts[1].inline_data.data"
  );
}

TEST_CASE("each model has its own ratios, sizes and modalities") {
  const sim_client sim;
  const auto ask = [&](const std::string& model, const std::string& config) {
    return sim.generate(
        try_on_body("x", config), {"x-goog-api-key: key"}, model + ":generateContent"
    );
  };
  const std::string strip = R"({"imageConfig":{"aspectRatio":"1:8"}})";
  const std::string large = R"({"imageConfig":{"imageSize":"2K"}})";
  CHECK(ask("gemini-nano-banana-2.1", strip).status == 200);
  CHECK(ask("gemini-3-pro-image", strip).status == 400);
  CHECK(ask("gemini-3-pro-image", large).status == 200);
  CHECK(ask("gemini-3.1-flash-lite-image", large).status == 400);
  CHECK(ask("gemini-3.8-flash", R"({"responseModalities":["IMAGE"]})").status == 400);
  CHECK(ask("gemini-3.8-flash", "{}").status == 200);
}

TEST_CASE("only living models and configured ones are found") {
  sim::sim_options options;
  options.models = {"my-model"};
  const sim_client sim{options};
  const auto ask = [&](const std::string& model) {
    return sim.generate(try_on_body("x"), {"x-goog-api-key: key"}, model + ":generateContent");
  };
  CHECK(ask("my-model").status == 200);
  require_error(ask("gemini-1.5-pro"), 404, "NOT_FOUND");
  require_error(ask("models/gemini-nano-banana-2.1"), 404, "NOT_FOUND");
  CHECK(
      holds(ask("gemini-1.5-pro").body, "models/gemini-1.5-pro is not found for API version v1beta")
  );
}

TEST_CASE("a key comes by header or query, once, and must be good") {
  sim::sim_options options;
  options.api_keys = {"good", "invalid-but-listed"};
  const sim_client sim{options};
  const std::string target = "gemini-nano-banana-2.1:generateContent";
  const auto body = try_on_body("x");
  CHECK(sim.generate(body, {"x-goog-api-key: good"}).status == 200);
  CHECK(sim.generate(body, {}, target + "?key=good").status == 200);
  require_error(sim.generate(body, {}), 403, "PERMISSION_DENIED");
  require_error(
      sim.generate(body, {"x-goog-api-key: good"}, target + "?key=good"), 400, "INVALID_ARGUMENT"
  );
  require_error(sim.generate(body, {"authorization: Bearer x"}), 401, "UNAUTHENTICATED");
  for (const std::string key : {"unknown", "invalid-but-listed"}) {
    const auto refused = sim.generate(body, {"x-goog-api-key: " + key});
    require_error(refused, 400, "INVALID_ARGUMENT");
    CHECK(text_at(refused.json(), {"error", "details", "0", "reason"}) == "API_KEY_INVALID");
  }
}

TEST_CASE("models are listed page by page, under both versions") {
  const sim_client sim;
  std::set<std::string> names;
  std::string token;
  do {
    const auto page = sim.get("/v1/models?pageSize=2&pageToken=" + token).json();
    const auto& models = *at(page, {"models"}).as<adapters::json_value::array>();
    CHECK(models.size() <= 2);
    for (const auto& model : models) {
      CHECK(names.insert(text_at(model, {"name"})).second);
    }
    token = text_at(page, {"nextPageToken"});
  } while (!token.empty());
  CHECK(names.contains("models/gemini-nano-banana-2.1"));
  CHECK(sim.get("/v1beta/models/gemini-3-pro-image").status == 200);
  require_error(sim.get("/v1/models?pageToken=nonsense"), 400, "INVALID_ARGUMENT");
  require_error(sim.get("/v1beta/models/gone"), 404, "NOT_FOUND");
}

TEST_CASE("unknown paths, methods and parameters are refused in Google's form") {
  const sim_client sim;
  require_error(sim.get("/"), 404, "NOT_FOUND");
  require_error(sim.get("/v2/models"), 404, "NOT_FOUND");
  require_error(sim.get("/v1beta/models/gemini-3-pro-image:generateContent"), 404, "NOT_FOUND");
  require_error(sim.send("POST", "/v1beta/models/gemini-3-pro-image:fly"), 404, "NOT_FOUND");
  require_error(sim.get("/v1beta/models?foo=1"), 400, "INVALID_ARGUMENT");
}

TEST_CASE("a stream is events with alt=sse and one array without") {
  const sim_client sim;
  const std::string target = "gemini-nano-banana-2.1:streamGenerateContent";
  const auto body = try_on_body("x", "{}");
  const auto events = sim.generate(body, {"x-goog-api-key: key"}, target + "?alt=sse");
  CHECK(events.content_type == "text/event-stream");
  CHECK(events.body.starts_with("data: {"));
  CHECK(events.body.ends_with("}\r\n\r\n"));
  const auto chunks = sim.generate(body, {"x-goog-api-key: key"}, target).json();
  CHECK(text_at(chunks, {"0", "responseId"}) == text_at(chunks, {"2", "responseId"}));
  CHECK(text_at(chunks, {"1", "candidates", "0", "finishReason"}).empty());
  CHECK(text_at(chunks, {"2", "candidates", "0", "finishReason"}) == "STOP");
  CHECK(number_at(chunks, {"2", "usageMetadata", "totalTokenCount"}) > 1120);
  const auto refused = sim.generate("{}", {"x-goog-api-key: key"}, target).json();
  CHECK(number_at(refused, {"0", "error", "code"}) == 400);
}

TEST_CASE("tokens are counted without an answer being made") {
  const sim_client sim;
  const auto body = R"({"contents":[{"parts":[{"text":"eight ch"}]}]})";
  const auto counted =
      sim.generate(body, {"x-goog-api-key: key"}, "gemini-nano-banana-2.1:countTokens").json();
  CHECK(number_at(counted, {"totalTokens"}) == 2);
}
