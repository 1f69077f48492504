// SPDX-License-Identifier: MIT

// The half of job_json.hpp that reads.

#include "adapters/gemini/gemini_wire.hpp"
#include "http/api/json/job_json.hpp"
#include "http/api/json/json_fields.hpp"
#include "messages/images/image.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stayler::http {

namespace {

using adapters::json_value;
using problems = std::vector<field_problem>;
using enum json_fields::presence;

constexpr std::uint64_t max_priority = 20;
constexpr std::size_t max_style_characters = 100;
constexpr std::size_t max_prompt_characters = 2'000;
constexpr std::size_t max_operations = 16;
constexpr std::uint64_t max_side = 16'000;
constexpr milliseconds shortest_timeout{100};
constexpr milliseconds longest_timeout{24LL * 3'600'000};

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

std::uint32_t read_side(
    json_fields& from, std::string_view name, json_fields::presence wanted = optional
) {
  return static_cast<std::uint32_t>(from.number(name, 1, max_side, wanted).value_or(0));
}

void read_resize(json_fields& from, image_operation& into) {
  into.width = read_side(from, "width");
  into.height = read_side(from, "height");
  const auto fit = from.one_of("fit", {"contain", "cover", "fill"}).value_or("contain");
  using enum image_operation::fit_mode;
  into.fit = fit == "cover" ? cover : fit == "fill" ? fill : contain;
  const bool has_both = from.find("width") != nullptr && from.find("height") != nullptr;
  if (from.find("width") == nullptr && from.find("height") == nullptr) {
    from.add_problem("width", "a resize needs width, height or both");
  } else if (!has_both && into.fit != contain) {
    from.add_problem("fit", fit + " needs both width and height");
  }
}

void read_convert(json_fields& from, image_operation& into) {
  const auto format = from.one_of("format", {"jpeg", "png", "webp"}, required);
  into.format = parse_image_format(format.value_or("")).value_or(image_format::jpeg);
  into.quality = static_cast<std::uint32_t>(from.number("quality", 1, 100).value_or(0));
}

image_operation read_operation(json_fields& from) {
  image_operation operation;
  const auto type =
      from.one_of("type", {"resize", "thumbnail", "convert", "strip"}, required).value_or("");
  if (type == "resize") {
    operation.what = image_operation::kind::resize;
    read_resize(from, operation);
  } else if (type == "thumbnail") {
    operation.what = image_operation::kind::thumbnail;
    operation.size = read_side(from, "size", required);
  } else if (type == "convert") {
    operation.what = image_operation::kind::convert;
    read_convert(from, operation);
  }
  return operation;
}

std::vector<image_operation> read_operations(json_fields& from, problems& found) {
  const auto* value = from.find("operations", required);
  const auto* items = value == nullptr ? nullptr : value->as<json_value::array>();
  if (items == nullptr || items->empty() || items->size() > max_operations) {
    if (value != nullptr) {
      from.add_problem(
          "operations", fmt::format("must be an array of 1 to {} operations", max_operations)
      );
    }
    return {};
  }
  std::vector<image_operation> operations;
  for (std::size_t i = 0; i < items->size(); ++i) {
    json_fields item{(*items)[i], from.path_of(fmt::format("operations[{}]", i)), found};
    operations.push_back(read_operation(item));
  }
  return operations;
}

/// The id of a stored image, or the URL of one that is elsewhere.
std::string read_image(json_fields& payload, std::string_view name, const job_rules& rules) {
  const auto text = payload.text(name, required);
  if (!text || !is_image_url(*text)) {
    return text ? payload.id(name, required).value_or("") : "";
  }
  if (const auto checked = adapters::check_image_url(*text, rules.image_urls); !checked) {
    payload.add_problem(name, checked.error().message);
  }
  return *text;
}

void read_conversion(
    json_fields& payload, job_payload& into, const job_rules& rules, problems& found
) {
  into.user_image_id = read_image(payload, "userImageId", rules);
  into.cloth_image_id = read_image(payload, "clothImageId", rules);
  // Members that the options do not know are ignored: older callers send more than is used.
  if (const auto* value = payload.find("options")) {
    json_fields options{*value, payload.path_of("options"), found};
    into.options = read_conversion_options(options);
  }
  payload.refuse_others();
}

void read_processing(
    json_fields& payload, job_payload& into, const job_rules& rules, problems& found
) {
  into.image_id = read_image(payload, "imageId", rules);
  if (const auto* value = payload.find("options", required)) {
    json_fields options{*value, payload.path_of("options"), found};
    into.operations = read_operations(options, found);
  }
  payload.refuse_others();
}

void read_payload(
    json_fields& root,
    job_request& into,
    bool is_type_known,
    const job_rules& rules,
    problems& found
) {
  const auto* value = root.find("payload", required);
  if (value == nullptr || !is_type_known) {
    return;
  }
  json_fields payload{*value, "payload", found};
  if (into.type == job_type::image_conversion) {
    read_conversion(payload, into.payload, rules, found);
  } else {
    read_processing(payload, into.payload, rules, found);
  }
}

job_request read_request(json_fields& root, const job_rules& rules, problems& found) {
  job_request request;
  const auto type = root.one_of("type", {"image_conversion", "image_processing"}, required);
  request.type = parse_job_type(type.value_or("")).value_or(job_type::image_conversion);
  // Work on a single image need not belong to a conversion.
  const bool needs_conversion = type && request.type == job_type::image_conversion;
  request.conversion_id =
      root.id("conversionId", needs_conversion ? required : optional).value_or("");
  request.user_id = root.id("userId", required).value_or("");
  request.priority =
      static_cast<std::uint32_t>(root.number("priority", 1, max_priority).value_or(5));
  read_payload(root, request, type.has_value(), rules, found);
  request.run_at = root.time("runAt").value_or(timestamp{});
  request.max_retries = static_cast<std::uint32_t>(
      root.number("maxRetries", 0, rules.max_max_retries)
          .value_or(std::min(rules.default_max_retries, rules.max_max_retries))
  );
  request.timeout =
      root.duration("timeout", shortest_timeout, longest_timeout).value_or(rules.default_timeout);
  root.refuse_others();
  return request;
}

}  // namespace

job_rules job_rules_from(const settings& config) {
  return {
      config.max_retries, config.retry.max_retries, config.job_timeout,
      adapters::image_url_rules_from(config)};
}

parsed_job_request parse_job_request(std::string_view body, const job_rules& rules) {
  parsed_job_request parsed;
  const auto json = adapters::parse_json(body);
  if (!json) {
    parsed.problems.push_back({"body", json.error().message});
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  if (parsed.problems.empty()) {
    parsed.request = read_request(root, rules, parsed.problems);
  }
  return parsed;
}

parsed_job_batch parse_job_batch(std::string_view body, const job_rules& rules) {
  parsed_job_batch batch;
  const auto json = adapters::parse_json(body);
  if (!json) {
    batch.problems.push_back({"body", json.error().message});
    return batch;
  }
  json_fields root{*json, "", batch.problems};
  const auto* list = root.find("jobs", required);
  root.refuse_others();
  const auto* items = list != nullptr ? list->as<adapters::json_value::array>() : nullptr;
  if (list != nullptr && items == nullptr) {
    batch.problems.push_back({"jobs", "must be a list"});
  } else if (items != nullptr && (items->empty() || items->size() > max_batch_jobs)) {
    batch.problems.push_back({"jobs", "must hold 1 to 1000 jobs"});
  }
  if (!batch.problems.empty()) {
    return batch;
  }
  for (const auto& item : *items) {
    parsed_job_request& parsed = batch.jobs.emplace_back();
    json_fields fields{item, "", parsed.problems};
    if (parsed.problems.empty()) {
      parsed.request = read_request(fields, rules, parsed.problems);
    }
  }
  return batch;
}

parsed_job_filter parse_job_filter(std::string_view body) {
  parsed_job_filter parsed;
  if (body.empty()) {
    return parsed;
  }
  const auto json = adapters::parse_json(body);
  if (!json) {
    parsed.problems.push_back({"body", json.error().message});
    return parsed;
  }
  json_fields root{*json, "", parsed.problems};
  if (const auto type = root.one_of("type", {"image_conversion", "image_processing"})) {
    parsed.filter.types.push_back(*parse_job_type(*type));
  }
  parsed.filter.user_id = root.id("userId", optional).value_or("");
  parsed.filter.conversion_id = root.id("conversionId", optional).value_or("");
  if (const auto name = root.text("errorClass")) {
    const auto kind = parse_error_class(*name);
    if (kind) {
      parsed.filter.errors.push_back(*kind);
    } else {
      parsed.problems.push_back({"errorClass", "is not an error class"});
    }
  }
  root.refuse_others();
  return parsed;
}

std::vector<named_image> images_of(const job_request& request) {
  std::vector<named_image> images;
  if (request.type == job_type::image_processing) {
    images = {{"payload.imageId", request.payload.image_id}};
  } else {
    images = {
        {"payload.userImageId", request.payload.user_image_id},
        {"payload.clothImageId", request.payload.cloth_image_id}};
  }
  std::erase_if(images, [](const named_image& image) { return is_image_url(image.id); });
  return images;
}

}  // namespace stayler::http
