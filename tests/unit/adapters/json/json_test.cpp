// SPDX-License-Identifier: MIT

// What is written can be read back, and what is read is either whole and unambiguous or refused.

#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <limits>
#include <string>

using namespace stayler;
using adapters::json_value;
using adapters::json_writer;
using adapters::max_json_values;
using adapters::parse_json;

namespace {

json_value read(std::string_view text) {
  auto parsed = parse_json(text);
  REQUIRE(parsed);
  return std::move(parsed).value();
}

template <class T>
T read_as(std::string_view text) {
  const json_value value = read(text);
  REQUIRE(value.as<T>() != nullptr);
  return *value.as<T>();
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_json(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().kind == error_class::invalid_input);
  return parsed.error().message;
}

std::string written(std::string_view text) {
  return json_writer{}.value(text).text();
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("every type of value is read as what it is", "[json]") {
  const json_value root = read(R"({"n":null,"b":true,"i":-7,"d":1.5,"s":"x","a":[1,"2"],"o":{}})");
  CHECK(root.type_name() == "an object");
  CHECK(root.find("n")->is_null());
  CHECK(*root.find("b")->as<bool>());
  CHECK(*root.find("i")->as<std::int64_t>() == -7);
  CHECK(*root.find("d")->as<double>() == 1.5);
  CHECK(*root.find("s")->as<std::string>() == "x");
  CHECK(root.find("a")->as<json_value::array>()->size() == 2);
  CHECK(root.find("o")->as<json_value::object>()->empty());
  CHECK(root.find("missing") == nullptr);
  CHECK(root.find("s")->find("x") == nullptr);
  CHECK(root.find("i")->as<std::string>() == nullptr);
}

TEST_CASE("an object keeps the order of its members", "[json]") {
  const json_value root = read(R"({"z":1,"a":2,"m":3})");
  const auto& members = *root.as<json_value::object>();
  REQUIRE(members.size() == 3);
  CHECK(members[0].first == "z");
  CHECK(members[1].first == "a");
  CHECK(members[2].first == "m");
}

TEST_CASE("each type has a name for error messages", "[json]") {
  CHECK(read("null").type_name() == "null");
  CHECK(read("false").type_name() == "a boolean");
  CHECK(read("1").type_name() == "a number");
  CHECK(read("18446744073709551615").type_name() == "a number");
  CHECK(read("0.5").type_name() == "a number");
  CHECK(read("\"\"").type_name() == "a string");
  CHECK(read("[]").type_name() == "an array");
  CHECK(read("{}").type_name() == "an object");
}

TEST_CASE("integers up to 64 bits are exact", "[json]") {
  CHECK(read_as<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(read_as<std::int64_t>("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(read_as<std::uint64_t>("9223372036854775808") == 9223372036854775808ULL);
  CHECK(
      read_as<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max()
  );
}

TEST_CASE("numbers that no type holds are refused", "[json]") {
  CHECK_FALSE(parse_json("18446744073709551616"));
  CHECK_FALSE(parse_json("-9223372036854775809"));
  CHECK_FALSE(parse_json("1e309"));
  CHECK_FALSE(parse_json("01"));
  CHECK_FALSE(parse_json("+1"));
  CHECK_FALSE(parse_json("NaN"));
}

TEST_CASE("the number that no type holds is named with its member", "[json]") {
  const std::string end = " is beyond the numbers that are read, of 64 bits";
  CHECK(
      refusal(R"({"a":"1e400","b":[1, 2],"priority": 1e400})")
      == "not valid JSON: the number 1e400 of \"priority\"" + end
  );
  CHECK(
      refusal(R"({"a\"b":18446744073709551616})")
      == R"(not valid JSON: the number 18446744073709551616 of "a\"b")" + end
  );
  CHECK(
      refusal("[-9223372036854775809]") == "not valid JSON: the number -9223372036854775809" + end
  );
  CHECK(refusal("[1e400" + std::string(1'000, '0') + "]").size() < 120);
  // Another mistake is not blamed on a number, nor a number in a text that has no end.
  CHECK(refusal(R"({"a":01})").find("64 bits") == std::string::npos);
  CHECK(refusal(R"(["1e400)").find("1e400") == std::string::npos);
}

TEST_CASE("fractions and exponents are read as doubles", "[json]") {
  CHECK(read_as<double>("1.0") == 1.0);
  CHECK(read_as<double>("1e308") == 1e308);
  CHECK(read_as<double>("-2.5e-3") == -0.0025);
}

TEST_CASE("what is not one whole JSON text is refused with a reason", "[json]") {
  for (const auto* text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\"}", "nul", "1 2", "'a'", "\"open", "{\"a\":1}}",
        "// no\n1", "\"\n\""}) {
    INFO(text);
    CHECK(refusal(text).rfind("not valid JSON: ", 0) == 0);
  }
}

TEST_CASE("text that is not UTF-8 is refused", "[json]") {
  CHECK_FALSE(parse_json("\"\xff\""));
  CHECK_FALSE(parse_json("\"\xc0\x80\""));
  CHECK_FALSE(parse_json("\"\xed\xa0\x80\""));
  CHECK_FALSE(parse_json(R"("\ud800")"));
}

TEST_CASE("escapes are resolved", "[json]") {
  CHECK(read_as<std::string>(R"("\u00e9\ud83d\ude00\n\t\"\\\/")") == "é😀\n\t\"\\/");
  CHECK(read_as<std::string>(R"("a\u0000b")") == std::string("a\0b", 3));
}

TEST_CASE("32 levels are read, 33 are refused", "[json]") {
  CHECK(parse_json(nested(32)));
  CHECK(refusal(nested(33)).find("deeper than 32") != std::string::npos);
  CHECK_FALSE(parse_json(nested(100'000)));
}

TEST_CASE("more values than a text may have are refused, long texts are not", "[json]") {
  const auto list_of = [](std::size_t count) {
    std::string text = "[0";
    for (std::size_t i = 1; i < count; ++i) {
      text += ",0";
    }
    return text + "]";
  };
  CHECK(parse_json(list_of(max_json_values - 1)));
  CHECK(refusal(list_of(max_json_values + 1)).find("more than 200000 values") != std::string::npos);
  const std::string commas(2 * max_json_values, ',');
  CHECK(read_as<std::string>("\"\\\"" + commas + "\"") == "\"" + commas);
}

TEST_CASE("a member named twice is refused by its name", "[json]") {
  CHECK(refusal(R"({"userId":"a","type":"b","userId":"c"})").find("userId") != std::string::npos);
  CHECK(refusal(R"({"o":{"x":1,"\u0078":2}})").find("\"x\"") != std::string::npos);
  CHECK(parse_json(R"({"a":{"x":1},"b":{"x":2}})"));
}

TEST_CASE("a text larger than the kept parser is read like any other", "[json]") {
  const std::string large(1'000'000, 'x');
  CHECK(read_as<std::string>("\"" + large + "\"") == large);
  CHECK(read_as<std::int64_t>("1") == 1);
}

TEST_CASE("the writer sets commas and colons", "[json]") {
  json_writer out;
  out.begin_object().field("a", 1).key("b").begin_array().value(true).null().begin_object();
  out.end_object().end_array().field("c", "x").key("d").raw("[1,2]").end_object();
  CHECK(out.text() == R"({"a":1,"b":[true,null,{}],"c":"x","d":[1,2]})");
}

TEST_CASE("every character below U+0080 survives a round trip", "[json]") {
  std::string all;
  for (int c = 0; c < 0x80; ++c) {
    all += static_cast<char>(c);
  }
  CHECK(read_as<std::string>(written(all)) == all);
}

TEST_CASE("valid UTF-8 is written as it is", "[json]") {
  for (const auto* text : {"é", "€", "😀", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"}) {
    CHECK(written(text) == "\"" + std::string{text} + "\"");
    CHECK(read_as<std::string>(written(text)) == text);
  }
}

TEST_CASE("bytes that are not UTF-8 are written as replacement characters", "[json]") {
  CHECK(written("a\xff" "b") == "\"a\xEF\xBF\xBD" "b\"");
  for (const auto* text :
       {"\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xe2\x82",
        "\xf0\x9f\x98", "\x80"}) {
    CHECK(read_as<std::string>(written(text)).find("\xEF\xBF\xBD") == 0);
  }
}

TEST_CASE("numbers survive a round trip, and what is not finite becomes null", "[json]") {
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  const auto highest = std::numeric_limits<std::uint64_t>::max();
  CHECK(read_as<std::int64_t>(json_writer{}.value(lowest).text()) == lowest);
  CHECK(read_as<std::uint64_t>(json_writer{}.value(highest).text()) == highest);
  CHECK(read_as<double>(json_writer{}.value(0.25).text()) == 0.25);
  CHECK(json_writer{}.value(std::numeric_limits<double>::infinity()).text() == "null");
  CHECK(json_writer{}.value(std::numeric_limits<double>::quiet_NaN()).text() == "null");
}
