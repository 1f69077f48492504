// SPDX-License-Identifier: MIT

// Every answer that the provider documents means what the error table says.

#include "adapters/base64/base64.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/gemini/gemini_answers.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr std::string_view picture_part =
    R"({"inlineData":{"mimeType":"image/png","data":"cGljdHVyZQ=="},"thoughtSignature":"abc"})";
constexpr std::string_view text_part = R"({"text":"Sorry, \"no\"."})";

std::string text_of(const shared_bytes& bytes) {
  std::string text;
  for (const auto byte : *bytes) {
    text += static_cast<char>(byte);
  }
  return text;
}

}  // namespace

TEST_CASE("an answer gives the picture with all that was counted and named") {
  const auto result = parse_generate_response(
      R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Here"},)"
      R"({"inlineData":{"mimeType":"image/jpeg","data":"cGljdHVyZQ=="}}]},"finishReason":"STOP"}],)"
      R"("usageMetadata":{"promptTokenCount":560,"candidatesTokenCount":1120,)"
      R"("thoughtsTokenCount":7,"totalTokenCount":1687,"promptTokensDetails":[)"
      R"({"modality":"TEXT","tokenCount":24},{"tokenCount":536,"modality":"IMAGE"}],)"
      R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1120}],)"
      R"("serviceTier":"standard"},"modelVersion":"gemini-x","responseId":"abc"})"
  );
  REQUIRE(result);
  CHECK(text_of(result->image) == "picture");
  CHECK(result->mime_type == "image/jpeg");
  CHECK(result->usage == token_usage{560, 1120, 7, 1687, 536, 1120});
  CHECK(result->model_version == "gemini-x");
  CHECK(result->response_id == "abc");
}

TEST_CASE("every finish reason without a picture means what the table says") {
  using enum error_class;
  const std::vector<std::pair<std::string, error_class>> table{
      {"STOP", no_image},
      {"MAX_TOKENS", no_image},
      {"NO_IMAGE", no_image},
      {"IMAGE_OTHER", no_image},
      {"OTHER", no_image},
      {"SAFETY", safety_blocked},
      {"IMAGE_SAFETY", safety_blocked},
      {"PROHIBITED_CONTENT", safety_blocked},
      {"IMAGE_PROHIBITED_CONTENT", safety_blocked},
      {"BLOCKLIST", safety_blocked},
      {"SPII", safety_blocked},
      {"RECITATION", safety_blocked},
      {"IMAGE_RECITATION", safety_blocked},
      {"LANGUAGE", invalid_input},
      {"MALFORMED_RESPONSE", server_error},
      {"MALFORMED_FUNCTION_CALL", internal_bug},
      {"UNEXPECTED_TOOL_CALL", internal_bug},
      {"TOO_MANY_TOOL_CALLS", internal_bug},
      {"CONTINUATION", internal_bug},
      {"", no_image},
      {"NEW_IN_2027", no_image},
  };
  for (const auto& [reason, kind] : table) {
    for (const auto parts : {std::string_view{}, text_part}) {
      INFO(reason << " with parts [" << parts << "]");
      const auto result = parse_generate_response(answer(reason, parts, "Please rephrase."));
      REQUIRE_FALSE(result);
      CHECK(result.error().kind == kind);
      CHECK(result.error().message.find(reason) != std::string::npos);
      CHECK(result.error().message.find("Please rephrase.") != std::string::npos);
    }
  }
}

TEST_CASE("a picture counts whatever the finish reason, unless that is a refusal") {
  for (const auto* reason : {"STOP", "", "NEW_IN_2027", "OTHER", "MAX_TOKENS"}) {
    INFO(reason);
    const auto result = parse_generate_response(answer(reason, picture_part));
    REQUIRE(result);
    CHECK(text_of(result->image) == "picture");
  }
  for (const auto* reason : {"IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_RECITATION"}) {
    INFO(reason);
    const auto result = parse_generate_response(answer(reason, picture_part));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == error_class::safety_blocked);
  }
}

TEST_CASE("every block reason is a refusal, whatever else the answer holds") {
  for (const std::string reason :
       {"SAFETY", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "OTHER", "MODEL_ARMOR",
        "JAILBREAK"}) {
    INFO(reason);
    const auto result =
        parse_generate_response(R"({"promptFeedback":{"blockReason":")" + reason + R"("}})");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == error_class::safety_blocked);
    CHECK(result.error().message.find(reason) != std::string::npos);
  }
}

TEST_CASE("feedback that only rates the prompt refuses nothing") {
  auto json = answer("STOP", picture_part);
  json.insert(1, R"("promptFeedback":{"safetyRatings":[{"category":"X","probability":"LOW"}]},)");
  CHECK(parse_generate_response(json).has_value());
}

TEST_CASE("a draft is never taken, and of the other pictures the last") {
  const std::string drafts =
      R"({"thought":true,"inlineData":{"mimeType":"image/png","data":"ZHJhZnQ="}},)"
      R"({"inlineData":{"mimeType":"image/png","data":"ZHJhZnQ="},"thought":true})";
  // A draft whose flag a gateway has dropped comes first, and drafts may follow the picture.
  const std::string parts = drafts + R"(,{"inlineData":{"data":"Zmlyc3Q="}},)"
                            + std::string{picture_part}
                            + R"(,{"text":"hm"},{"inlineData":{"mimeType":"image/png","data":""}},)"
                              R"({"inlineData":{"mimeType":"audio/wav","data":"c291bmQ="}},)"
                            + drafts;
  const auto result = parse_generate_response(answer("STOP", parts));
  REQUIRE(result);
  CHECK(text_of(result->image) == "picture");
  CHECK(result->mime_type == "image/png");
  CHECK(parse_generate_response(answer("STOP", drafts)).error().kind == error_class::no_image);
}

TEST_CASE("a refusal is one in every form that gateways give it, and keeps its reason") {
  const std::vector<std::string> refusals{
      R"({"candidates":[{"content":{"role":"model","parts":null},"finishReason":"IMAGE_SAFETY"}]})",
      R"({"candidates":[{"content":{"parts":[null,null]},"finishReason":"IMAGE_SAFETY"}]})",
      R"({"candidates":[{"finishReason":"IMAGE_SAFETY","content":null,"index":null}]})",
      R"({"candidates":[{"finishReason":"IMAGE_SAFETY","content":[]}]})",
      R"({"candidates":[{"content":{"parts":"x"},"finishReason":"IMAGE_SAFETY"}]})",
      R"({"candidates":[{"content":{"parts":{"text":"x"}},"finishReason":"IMAGE_SAFETY"}]})",
      R"({"candidates":[{"content":{"parts":[{"inlineData":7}]},"finishReason":"IMAGE_SAFETY"}]})",
      R"({"candidates":[null,{"content":{},"finishReason":"IMAGE_SAFETY"}]})",
      R"({"candidates":[{"finish_reason":"IMAGE_SAFETY","content":{"parts":[]}}]})",
      R"({"Candidates":[{"FinishReason":"FinishReason.IMAGE_SAFETY","Content":null}]})",
      R"({"candidates":[{"finishReason":"image_safety"}],"error":null,"promptFeedback":null})",
      R"({"candidates":null,"promptFeedback":{"blockReason":"IMAGE_SAFETY"}})",
      R"({"candidates":[],"prompt_feedback":{"block_reason":"IMAGE_SAFETY"}})",
      R"({"candidates":"none","promptFeedback":{"blockReason":"BlockedReason.IMAGE_SAFETY"}})",
      R"([{"candidates":[{"content":null}]},{"candidates":[{"finishReason":"IMAGE_SAFETY"}]}])",
      R"({"response":{"candidates":[{"finishReason":"IMAGE_SAFETY","content":{}}]}})",
      // Broken behind what it says.
      R"({"candidates":[{"finishReason":"IMAGE_SAFETY","content":{"parts":nothing}}]})",
  };
  for (const std::string& body : refusals) {
    INFO(body);
    const auto result = parse_generate_response(body);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == error_class::safety_blocked);
    CHECK(result.error().message.find("IMAGE_SAFETY") != std::string::npos);
  }
}

TEST_CASE("a reason that is a number is kept, and is a refusal where all lists say so") {
  const auto with = [](const std::string& reason) {
    return parse_generate_response(R"({"candidates":[{"finish_reason":)" + reason + "}]}").error();
  };
  for (const std::string number : {"3", "4", "7", "8", "11"}) {
    CHECK(with(number).kind == error_class::safety_blocked);
    CHECK(with(number).message.find(number) != std::string::npos);
  }
  CHECK(with("16").kind == error_class::no_image);
  CHECK(with("16").message.find("16") != std::string::npos);
  CHECK(
      parse_generate_response(R"({"prompt_feedback":{"block_reason":1},"candidates":[]})")
          .error()
          .kind
      == error_class::safety_blocked
  );
}

TEST_CASE("a field that names no reason refuses nothing") {
  for (const std::string feedback :
       {R"({"blockReason":"BLOCK_REASON_UNSPECIFIED"})", R"({"block_reason":0})",
        R"({"blockReason":null})", R"({"blockReason":""})", R"([])"}) {
    INFO(feedback);
    auto json = answer("FINISH_REASON_UNSPECIFIED", picture_part);
    json.insert(1, R"("error":null,"promptFeedback":)" + feedback + ",");
    CHECK(parse_generate_response(json).has_value());
  }
}

TEST_CASE("an answer without a picture is told from one that cannot be understood") {
  for (const std::string body :
       {R"({"candidates":null})", R"({"candidates":[null]})",
        R"({"candidates":[{"content":null}]})", R"({"candidates":[{"content":{"parts":null}}]})",
        R"({"candidates":[{"content":{"parts":[null]},"finishReason":"STOP"}]})",
        R"({"candidates":[{"content":{"parts":"x"},"finishReason":"STOP"}]})"}) {
    INFO(body);
    CHECK(parse_generate_response(body).error().kind == error_class::no_image);
  }
  for (const std::string body :
       {R"({"candidates":7})", R"({"candidates":[7]})", R"({"candidates":[{"content":"x"}]})",
        R"({"candidates":[{"content":{"parts":7}}]})"}) {
    INFO(body);
    CHECK(parse_generate_response(body).error().kind == error_class::server_error);
  }
}

TEST_CASE("a picture is found however a gateway has written it") {
  const std::vector<std::string> parts{
      R"({"inline_data":{"mime_type":"image/png","data":"cGljdHVyZQ=="}})",
      R"({"inlineData":{"mime_type":"image/png","data":"cGljdHVyZQ=="},"text":null,"thought":null})",
      R"({"InlineData":{"MIMEType":"image/png","Data":"cGljdHVyZQ=="},"Thought":false})",
      R"(null,{"inlineData":null,"inline_data":{"mimeType":"image/png","data":"cGljdHVyZQ=="}})",
      R"({"inlineData":{"mimeType":"image/png","data":"data:image/png;base64,cGljdHVyZQ=="}})",
      R"({"inlineData":{"mimeType":"image/png","data":"cGlj\r\ndHVyZQ==\n"}})",
  };
  for (const std::string& part : parts) {
    INFO(part);
    const auto result = parse_generate_response(answer("STOP", part));
    REQUIRE(result);
    CHECK(text_of(result->image) == "picture");
    CHECK(result->mime_type == "image/png");
  }
}

TEST_CASE("tokens are counted whatever else the answer holds, and however they are named") {
  const std::string counted =
      R"("usage_metadata":{"prompt_token_count":5,"candidates_token_count":7,)"
      R"("total_token_count":12,"candidates_tokens_details":[null,)"
      R"({"modality":"IMAGE","token_count":6}]})";
  CHECK(parse_usage("{" + counted + "}") == token_usage{5, 7, 0, 12, 0, 6});
  CHECK(parse_usage("{" + counted + R"(,"candidates":7})") == token_usage{5, 7, 0, 12, 0, 6});
  // Later releases of simdjson read nothing of what does not end with a brace.
  CHECK(parse_usage("{" + counted + R"(,"candidates":[{})") == token_usage{5, 7, 0, 12, 0, 6});
  CHECK(parse_usage("no JSON") == token_usage{});
  CHECK(parse_usage(R"({"usageMetadata":{"serviceTier":"flex"}})").is_flex);
  CHECK_FALSE(parse_usage(R"({"usageMetadata":{"serviceTier":"standard"}})").is_flex);
}

TEST_CASE("a picture's base64 may be escaped, URL-safe or without padding") {
  const std::vector<std::pair<std::string, std::string>> table{
      {R"(P\/++)", "\x3F\xFF\xBE"}, {R"(P_\u002d-)", "\x3F\xFF\xBE"},
      {"P_--", "\x3F\xFF\xBE"},     {R"(cGljdHVyZQ\u003d\u003d)", "picture"},
      {"cGljdHVyZQ", "picture"},
  };
  for (const auto& [data, picture] : table) {
    INFO(data);
    const auto result =
        parse_generate_response(answer("STOP", R"({"inlineData":{"data":")" + data + R"("}})"));
    REQUIRE(result);
    CHECK(text_of(result->image) == picture);
  }
}

TEST_CASE("what is not the expected answer is the server's error") {
  const auto whole = answer("STOP", picture_part);
  std::vector<std::string> bodies{
      "",
      "null",
      "[]",
      "17",
      "\"text\"",
      "<html>Bad Gateway</html>",
      R"({"candidates":7})",
      R"({"candidates":[{"content":{"parts":"x"}}]})",
      answer("STOP", R"({"inlineData":{"data":"not base64!"}})"),
      answer("STOP", R"({"inlineData":{"data":"cGljdHVyZQ="}})"),
      answer("STOP", R"({"inlineData":{"data":"data:image/png;base64,"}})"),
      answer("STOP", R"({"inlineData":{"data":"\n"}})"),
      answer("STOP", R"({"inlineData":{"data":"cGlj\qdHVyZQ=="}})"),
      answer("STOP", R"({"inlineData":{"data":"cGlj\u00"}})"),
      R"({"candidates":[{"content":{"parts":[{"inlineData":{"data":"cGlj)"};
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    bodies.push_back(whole.substr(0, length));
  }
  for (const auto& body : bodies) {
    INFO(body);
    const auto result = parse_generate_response(body);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == error_class::server_error);
  }
}

TEST_CASE("fields that are missing, null or of a new kind do not cost the picture") {
  const auto result = parse_generate_response(
      R"({"usageMetadata":{"promptTokenCount":-1,"totalTokenCount":1.5,"promptTokensDetails":null,)"
      R"("candidatesTokensDetails":[{"modality":7,"tokenCount":"9"}]},"promptFeedback":null,)"
      R"("modelVersion":null,"responseId":12,"new":[{"a":[1,2]}],"candidates":[{"content":{"parts":[)"
      + std::string{picture_part} + R"(]},"safetyRatings":[{}],"finishReason":"STOP"}]})"
  );
  REQUIRE(result);
  CHECK(text_of(result->image) == "picture");
  CHECK(result->usage == token_usage{});
  CHECK(result->model_version.empty());
  const auto empty = parse_generate_response("{}");
  REQUIRE_FALSE(empty);
  CHECK(empty.error().kind == error_class::no_image);
}

TEST_CASE("an error that comes as a 200 is classified as what it says") {
  CHECK(
      parse_generate_response(rpc_error(503, "UNAVAILABLE")).error().kind
      == error_class::unavailable
  );
  CHECK(parse_generate_response(R"({"error":"odd"})").error().kind == error_class::server_error);
}

TEST_CASE("a large picture comes through whole") {
  std::vector<std::byte> pixels(5'000'001);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::byte>(i * 2'654'435'761U >> 11U);
  }
  std::string data(base64_size(pixels.size()), '?');
  REQUIRE(base64_encode_at(pixels, 0, data) == data.size());
  const auto result =
      parse_generate_response(answer("STOP", R"({"inlineData":{"data":")" + data + R"("}})"));
  REQUIRE(result);
  CHECK((*result->image == pixels));
}

TEST_CASE("the provider's words are kept short, on one line, and whole characters") {
  std::string long_message;
  for (int i = 0; i < 400; ++i) {
    long_message += "\xC3\xA4 ";
  }
  const auto result = parse_generate_response(answer("IMAGE_OTHER", "", long_message + R"(\n)"));
  const auto& message = result.error().message;
  CHECK(message.size() <= 500);
  CHECK(message.size() > 490);
  CHECK(message.ends_with("..."));
  CHECK(message.find('\n') == std::string::npos);
  const auto last = static_cast<unsigned char>(message[message.size() - 4]);
  CHECK((last == ' ' || (last & 0xC0U) == 0x80U));
}

}  // namespace stayler::adapters
