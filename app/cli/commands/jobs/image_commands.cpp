// SPDX-License-Identifier: MIT
#include "adapters/json/json_writer.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/jobs/job_following.hpp"
#include "app/cli/jobs/picture_source.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/progress_display.hpp"
#include "app/cli/output/result_file.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

int run_image_put(command_context& context) {
  const auto type = context.given.value("type").value_or("user");
  const auto user =
      type == "vendor" && !context.given.has("user") ? std::string{} : current_user(context);
  progress_display display{context.out};
  for (const auto& file : context.given.arguments) {
    const auto answer = upload_picture(context, display, file, user, type);
    context.out.is_json() ? context.print_json(answer.body)
                          : context.out.print(text_of(answer.json(), "id"));
  }
  return 0;
}

int run_image_get(command_context& context) {
  const auto& id = context.given.arguments.front();
  const auto file = context.given.value("output").value_or("-");
  expect_writable(context.out, file);
  download_image(context, context.given.has("thumbnail") ? id + "/thumbnail" : id, file);
  return 0;
}

int run_image_rm(command_context& context) {
  const auto& ids = context.given.arguments;
  if (!context.confirm(fmt::format(
          "delete {} at {}?",
          ids.size() == 1 ? ids.front() : std::to_string(ids.size()) + " pictures",
          context.api().how().url
      ))) {
    context.out.note("not done");
    return static_cast<int>(exit_code::refused);
  }
  for (const auto& id : ids) {
    context.api().ask({.method = "DELETE", .path = "/images/" + id}, "cannot delete picture " + id);
    context.out.note("deleted " + id);
  }
  return 0;
}

int run_image_info(command_context& context) {
  const auto& id = context.given.arguments.front();
  const auto head =
      context.api().ask({.method = "HEAD", .path = "/images/" + id}, "cannot show picture " + id);
  const auto thumbnail =
      context.api().send({.method = "HEAD", .path = "/images/" + id + "/thumbnail"});
  const auto bytes = head.header("content-length");
  if (context.out.is_json()) {
    adapters::json_writer json;
    json.begin_object().field("id", id).field("mimeType", head.header("content-type"));
    json.key("bytes").raw(bytes.empty() ? "null" : bytes);
    json.field("etag", head.header("etag")).field("hasThumbnail", thumbnail.is_good()).end_object();
    context.out.print(json.text());
    return 0;
  }
  context.out.print(render_facts(
      context.out, {{"id", id},
                    {"type", head.header("content-type")},
                    {"bytes", bytes},
                    {"etag", head.header("etag")},
                    {"thumbnail", thumbnail.is_good() ? "yes" : "no"}}
  ));
  return 0;
}

int run_image_link(command_context& context) {
  const auto& id = context.given.arguments.front();
  adapters::json_writer json;
  json.begin_object().field("expiresIn", context.given.value("for").value_or("1h")).end_object();
  const auto answer = context.api().ask(
      {.method = "POST",
       .path = "/images/" + id + "/links",
       .body = json.text(),
       .is_harmless = true},
      "cannot make a link to picture " + id
  );
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  const auto link = answer.json();
  const auto path = text_of(link, context.given.has("thumbnail") ? "thumbnailUrl" : "url");
  if (path.empty()) {
    throw command_error{
        exit_code::not_found, "picture " + id + " has no thumbnail", "", "leave out --thumbnail"};
  }
  context.out.print(context.api().how().url + path);
  context.out.note("good until " + text_of(link, "expiresAt") + "; who has it has the picture");
  return 0;
}

argument_spec image_argument(bool may_repeat = false) {
  return {
      .name = "ID",
      .meaning = "a stored picture's id",
      .is_required = true,
      .may_repeat = may_repeat,
      .completes = completion::nothing};
}

flag_spec thumbnail_flag() {
  return {.names = "--thumbnail", .value = "", .meaning = "the thumbnail in place of the picture"};
}

std::vector<command_spec> storing_commands() {
  return {
      {.name = "image put",
       .summary = "upload pictures; prints an id for each",
       .role = "submitter",
       .arguments =
           {{.name = "FILE",
             .meaning = "JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF",
             .is_required = true,
             .may_repeat = true,
             .completes = completion::file}},
       .flags =
           {{.names = "--user", .value = "USER", .meaning = "whose pictures these are"},
            {.names = "--type",
             .value = "TYPE",
             .meaning = "vendor: a garment that all users may see",
             .choices = {"user", "vendor"},
             .completes = completion::choices}},
       .examples = {"stayler image put coat.png --type vendor"},
       .run = &run_image_put},
      {.name = "image get",
       .summary = "download a picture",
       .role = "viewer",
       .arguments = {image_argument()},
       .flags =
           {{.names = "-o, --output",
             .value = "FILE",
             .meaning = "where to; usually stdout",
             .completes = completion::file},
            thumbnail_flag()},
       .run = &run_image_get},
      {.name = "image rm",
       .summary = "delete pictures",
       .role = "submitter",
       .arguments = {image_argument(true)},
       .run = &run_image_rm},
  };
}

}  // namespace

std::vector<command_spec> image_commands() {
  std::vector<command_spec> commands{
      {.name = "image", .summary = "upload, download and delete pictures", .run = nullptr}};
  for (auto& each : storing_commands()) {
    commands.push_back(std::move(each));
  }
  commands.push_back(
      {.name = "image info",
       .summary = "show type and size of a stored picture",
       .role = "viewer",
       .arguments = {image_argument()},
       .run = &run_image_info}
  );
  commands.push_back(
      {.name = "image link",
       .summary = "make an address that opens a picture without a key",
       .role = "viewer",
       .arguments = {image_argument()},
       .flags =
           {{.names = "--for",
             .value = "TIME",
             .meaning = "how long it is good; usually 1h, a week at most"},
            thumbnail_flag()},
       .examples = {"stayler image link 0198f2c1-... --for 10m"},
       .run = &run_image_link}
  );
  return commands;
}

}  // namespace stayler::cli
