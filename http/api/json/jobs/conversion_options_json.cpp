// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/conversion_options_json.hpp"

#include "adapters/gemini/wire/gemini_wire.hpp"
#include "http/api/json/members/json_members.hpp"

#include <cstddef>

namespace stayler::http {

namespace {

constexpr std::size_t max_style_characters = 100;
constexpr std::size_t max_prompt_characters = 2'000;

}  // namespace

conversion_options read_conversion_options(json_fields& from) {
  conversion_options options;
  options.style = from.text("style", max_style_characters).value_or("");
  options.quality = from.one_of("quality", {"draft", "standard", "high"}).value_or("");
  options.prompt = from.text("prompt", max_prompt_characters).value_or("");
  options.aspect_ratio = from.text("aspectRatio").value_or("");
  if (!options.aspect_ratio.empty() && !adapters::is_known_aspect_ratio(options.aspect_ratio)) {
    from.add_problem("aspectRatio", "is not a ratio that the provider knows, such as 3:4");
  }
  options.output_format = from.one_of("outputFormat", {"jpeg", "png", "webp"}).value_or("");
  options.no_cache = from.flag("noCache").value_or(false);
  return options;
}

void write_conversion_options(adapters::json_writer& json, const conversion_options& options) {
  json.begin_object();
  write_text(json, "style", options.style);
  write_text(json, "quality", options.quality);
  write_text(json, "prompt", options.prompt);
  write_text(json, "aspectRatio", options.aspect_ratio);
  write_text(json, "outputFormat", options.output_format);
  if (options.no_cache) {
    json.field("noCache", true);
  }
  json.end_object();
}

}  // namespace stayler::http
