// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/job_request_json.hpp"

#include "http/api/json/jobs/conversion_options_json.hpp"
#include "http/api/json/jobs/image_operation_json.hpp"
#include "messages/images/image.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace stayler::http {

namespace {

using problems = std::vector<field_problem>;
using enum json_fields::presence;

constexpr std::uint64_t max_priority = 20;
constexpr milliseconds shortest_timeout{100};
constexpr milliseconds day{24LL * 3'600'000};
constexpr milliseconds longest_timeout = day;

/// The id of a stored image, or the URL of one that is elsewhere.
std::string read_image(json_fields& payload, std::string_view name, const job_rules& rules) {
  const auto text = payload.text(name, required);
  if (!text || !is_image_url(*text)) {
    return text ? payload.id(name, required).value_or("") : "";
  }
  if (const auto checked = adapters::check_url(*text, rules.image_urls); !checked) {
    payload.add_problem(name, checked.error().message);
  }
  return *text;
}

void read_conversion(
    json_fields& payload, job_payload& into, const job_rules& rules, problems& found
) {
  into.user_image_id = read_image(payload, "userImageId", rules);
  into.cloth_image_id = read_image(payload, "clothImageId", rules);
  if (const auto* value = payload.find("options")) {
    json_fields options{*value, payload.path_of("options"), found, zero_values::are_absent};
    into.options = read_conversion_options(options);
  }
  payload.refuse_others();
}

void read_processing(
    json_fields& payload, job_payload& into, const job_rules& rules, problems& found
) {
  into.image_id = read_image(payload, "imageId", rules);
  if (const auto* value = payload.find("options", required)) {
    json_fields options{*value, payload.path_of("options"), found, zero_values::are_absent};
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
  json_fields payload{*value, "payload", found, zero_values::are_absent};
  if (into.type == job_type::image_conversion) {
    read_conversion(payload, into.payload, rules, found);
  } else {
    read_processing(payload, into.payload, rules, found);
  }
}

timestamp read_start(json_fields& root, const job_rules& rules) {
  const timestamp start = root.time("runAt").value_or(timestamp{});
  if (start > rules.latest_start) {
    root.add_problem(
        "runAt", fmt::format(
                     "must be {} days ahead at most, until {}, and is {}", most_days_ahead,
                     to_rfc3339(rules.latest_start), to_rfc3339(start)
                 )
    );
  }
  return start;
}

/// Where the job's notifications are to go, as it is to be called.
std::string read_webhook(json_fields& root, const job_rules& rules) {
  const auto text = root.text("webhookUrl");
  if (!text || text->empty()) {
    return {};
  }
  auto checked = adapters::check_url(*text, rules.webhook_urls);
  if (!checked) {
    root.add_problem("webhookUrl", checked.error().message);
    return {};
  }
  return *std::move(checked);
}

void read_request(json_fields& root, const job_rules& rules, parsed_job_request& into) {
  job_request& request = into.request;
  const auto type = root.one_of("type", {"image_conversion", "image_processing"}, required);
  request.type = parse_job_type(type.value_or("")).value_or(job_type::image_conversion);
  // Work on a single image need not belong to a conversion.
  const bool needs_conversion = type && request.type == job_type::image_conversion;
  request.conversion_id =
      root.id("conversionId", needs_conversion ? required : optional).value_or("");
  request.user_id = root.user_id("userId", required).value_or("");
  request.priority =
      static_cast<std::uint32_t>(root.number("priority", 1, max_priority).value_or(5));
  const auto urgency = root.one_of("urgency", {"normal", "low"});
  request.urgency = urgency == "low" ? job_urgency::low : job_urgency::normal;
  read_payload(root, request, type.has_value(), rules, into.problems);
  request.run_at = read_start(root, rules);
  // The former worker took none from its callers: a 0 is meant, and allows no retry.
  into.max_retries = root.number("maxRetries", 0, rules.max_max_retries);
  request.max_retries = static_cast<std::uint32_t>(
      into.max_retries.value_or(std::min(rules.default_max_retries, rules.max_max_retries))
  );
  into.timeout = root.duration("timeout", shortest_timeout, longest_timeout);
  request.timeout = into.timeout.value_or(rules.default_timeout);
  request.webhook_url = read_webhook(root, rules);
  root.refuse_others();
}

}  // namespace

job_rules job_rules_from(const settings& config, timestamp now) {
  return {config.max_retries,          config.retry.max_retries,
          config.job_timeout,          adapters::image_url_rules_from(config),
          now + most_days_ahead * day, adapters::webhook_url_rules_from(config)};
}

parsed_job_request read_job_request(const adapters::json_value& from, const job_rules& rules) {
  parsed_job_request parsed;
  json_fields root{from, "", parsed.problems, zero_values::are_absent};
  if (parsed.problems.empty()) {
    read_request(root, rules, parsed);
  }
  return parsed;
}

parsed_job_request parse_job_request(std::string_view body, const job_rules& rules) {
  const auto json = adapters::parse_json(body);
  return json ? read_job_request(*json, rules)
              : parsed_job_request{{}, {{"body", json.error().message}}, {}, {}};
}

void write_payload(adapters::json_writer& json, const job_request& request) {
  const auto& payload = request.payload;
  json.begin_object();
  if (request.type == job_type::image_conversion) {
    json.field("userImageId", payload.user_image_id);
    json.field("clothImageId", payload.cloth_image_id);
    json.key("options");
    write_conversion_options(json, payload.options);
  } else {
    json.field("imageId", payload.image_id);
    json.key("options").begin_object().key("operations");
    write_operations(json, payload.operations);
    json.end_object();
  }
  json.end_object();
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
