// SPDX-License-Identifier: MIT
#include "http/api/json/jobs/image_operation_json.hpp"

#include "messages/images/image.hpp"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stayler::http {

namespace {

using adapters::json_value;
using adapters::json_writer;
using enum json_fields::presence;

constexpr std::size_t max_operations = 16;
constexpr std::uint64_t max_side = 16'000;

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
  const bool has_both = from.has("width") && from.has("height");
  if (!from.has("width") && !from.has("height")) {
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

std::string_view name_of(image_operation::fit_mode fit) {
  using enum image_operation::fit_mode;
  return fit == cover ? "cover" : fit == fill ? "fill" : "contain";
}

std::string_view name_of(image_format format) {
  // "image/jpeg" without its first half: the name in the API is the subtype.
  return mime_type_of(format).substr(std::string_view{"image/"}.size());
}

void write_resize(json_writer& json, const image_operation& operation) {
  json.field("type", "resize");
  if (operation.width != 0) {
    json.field("width", operation.width);
  }
  if (operation.height != 0) {
    json.field("height", operation.height);
  }
  json.field("fit", name_of(operation.fit));
}

void write_operation(json_writer& json, const image_operation& operation) {
  json.begin_object();
  switch (operation.what) {
    case image_operation::kind::resize:
      write_resize(json, operation);
      break;
    case image_operation::kind::thumbnail:
      json.field("type", "thumbnail").field("size", operation.size);
      break;
    case image_operation::kind::convert:
      json.field("type", "convert").field("format", name_of(operation.format));
      if (operation.quality != 0) {
        json.field("quality", operation.quality);
      }
      break;
    case image_operation::kind::strip:
      json.field("type", "strip");
      break;
  }
  json.end_object();
}

}  // namespace

std::vector<image_operation> read_operations(
    json_fields& from, std::vector<field_problem>& problems
) {
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
    json_fields item{
        (*items)[i], from.path_of(fmt::format("operations[{}]", i)), problems,
        zero_values::are_absent};
    operations.push_back(read_operation(item));
  }
  return operations;
}

void write_operations(json_writer& json, const std::vector<image_operation>& operations) {
  json.begin_array();
  for (const image_operation& each : operations) {
    write_operation(json, each);
  }
  json.end_array();
}

}  // namespace stayler::http
