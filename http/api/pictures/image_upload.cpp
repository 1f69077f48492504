// SPDX-License-Identifier: MIT
#include "http/api/pictures/image_upload.hpp"

#include "adapters/image_codec/probe/format_detection.hpp"
#include "http/api/answers.hpp"
#include "http/api/pictures/multipart.hpp"
#include "messages/jobs/user_id.hpp"

#include <fmt/core.h>

#include <span>
#include <utility>
#include <vector>

namespace stayler::http {

namespace {

/// A body taken apart, whichever form it had. The picture points into the body.
struct upload_form {
  std::string user_id;
  std::string type;
  std::string file_name;
  std::string_view picture;
};

response unsupported(std::string detail) {
  return make_problem(415, "Unsupported Media Type", detail);
}

upload_form read_raw(const request& req) {
  return {
      std::string{req.parameter("userId").value_or("")},
      std::string{req.parameter("type").value_or("")}, "", req.body.view()};
}

/// The first file is the picture, whatever its field is called; the other fields go by name.
result<upload_form> read_form(const request& req) {
  const auto parts = parse_multipart(*req.header("content-type"), req.body);
  if (!parts) {
    return parts.error();
  }
  auto form = read_raw(req);
  form.picture = {};
  bool has_file = false;
  for (const auto& part : *parts) {
    if (part.is_file && !has_file) {
      has_file = true;
      form.picture = part.content;
      form.file_name = part.file_name;
    } else if (part.name == "userId") {
      form.user_id = part.content;
    } else if (part.name == "type") {
      form.type = part.content;
    }
  }
  return form;
}

std::vector<field_problem> check(const upload_form& form) {
  std::vector<field_problem> problems;
  if (form.picture.empty()) {
    problems.push_back(
        {"image",
         "is missing or empty; in a form it is the first part with a file name, or with the "
         "Content-Type of an image"}
    );
  }
  if (!form.user_id.empty() && !is_user_id(form.user_id)) {
    problems.push_back({"userId", "must be " + std::string{user_id_form}});
  }
  if (!form.type.empty() && form.type != "user" && form.type != "vendor") {
    problems.push_back({"type", "must be user or vendor"});
  }
  return problems;
}

}  // namespace

std::variant<image_upload, response> read_image_upload(const request& req, std::size_t max_bytes) {
  const auto type = media_type(req.header("content-type").value_or("application/octet-stream"));
  const bool is_form = type == "multipart/form-data";
  if (!is_form && type != "application/octet-stream" && type.substr(0, 6) != "image/") {
    return unsupported("send the picture itself, or a multipart/form-data body, not " + type);
  }
  const auto form = is_form ? read_form(req) : result<upload_form>{read_raw(req)};
  if (!form) {
    const auto& why = form.error().message;
    return make_problem(400, "Bad Request", why, {{"body", why}});
  }
  if (const auto problems = check(*form); !problems.empty()) {
    return invalid_answer(problems);
  }
  if (form->picture.size() > max_bytes) {
    return make_problem(
        413, "Content Too Large",
        fmt::format("an image may have at most {} bytes (maxImageBytes)", max_bytes)
    );
  }
  if (const auto format = adapters::detect_format(std::as_bytes(std::span{form->picture}));
      !format) {
    return unsupported(format.error().message);
  }
  return image_upload{
      form->user_id, form->type.empty() ? "user" : form->type, form->file_name,
      req.body.hand_over(form->picture)};
}

}  // namespace stayler::http
