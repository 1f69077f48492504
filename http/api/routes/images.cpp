// SPDX-License-Identifier: MIT

// /images

#include "http/api/byte_range.hpp"
#include "http/api/image_upload.hpp"
#include "http/api/json/image_json.hpp"
#include "http/api/json/json_fields.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_scope.hpp"

namespace stayler::http {

namespace {

using actors::directory;

void store_image(
    const context_ptr& api, const exchange_ptr& exchange, new_image image, image_format sent_as
) {
  const auto render = [exchange, sent_as](const image_record& stored) {
    exchange->responder->set_target(stored.id);
    auto answer = make_json(201, render_image(stored, sent_as));
    answer.headers.emplace_back("Location", image_url(stored.id));
    return answer;
  };
  api->actors.ask<image_record>(
      &directory::library, respond_with(exchange, render), store_atom_v, std::move(image)
  );
}

/// A vendor's image is for everybody to see and to use: a key for some users must not publish one,
/// unless it is an admin's.
std::optional<response> refuse_for_all(const caller& caller, const image_upload& sent) {
  if (sent.type != "vendor" || !caller.is_limited()
      || caller.role == adapters::caller_role::admin) {
    return std::nullopt;
  }
  return refusal_answer(
      {error_class::permission, "images of type vendor are for all users; the key " + caller.key
                                    + " is for some of them only"}
  );
}

void upload_image(const context_ptr& api, const exchange_ptr& exchange) {
  auto read = read_image_upload(exchange->request, api->options.max_image_bytes);
  if (auto* refusal = std::get_if<response>(&read)) {
    exchange->send(std::move(*refusal));
    return;
  }
  auto& sent = std::get<image_upload>(read);
  if (auto refusal = resolve_user_id(exchange->caller, sent.user_id)) {
    exchange->send(std::move(*refusal));
    return;
  }
  if (auto refusal = refuse_for_all(exchange->caller, sent)) {
    exchange->send(std::move(*refusal));
    return;
  }
  const shared_bytes bytes = std::move(sent.bytes);
  const auto on_sanitized = [api, exchange, sent](const result<sanitized_image>& image) {
    if (image) {
      store_image(
          api, exchange, {"", sent.user_id, sent.type, sent.file_name, image->content},
          image->source_format
      );
    } else {
      exchange->send(failure_answer(image.error()));
    }
  };
  api->actors.ask<sanitized_image>(&directory::images, on_sanitized, sanitize_atom_v, bytes);
}

/// What the parts of an image have that are fetched by GET.
enum class image_part : std::uint8_t { picture, thumbnail };

std::string entity_tag(const image_record& row, image_part part) {
  return "\"" + row.checksum + (part == image_part::thumbnail ? "-thumbnail" : "") + "\"";
}

response with_validators(response answer, const std::string& tag) {
  answer.headers.emplace_back("ETag", tag);
  // Personal pictures: no shared cache may keep one, and a deleted one is gone at the next look.
  answer.headers.emplace_back("Cache-Control", "private, no-cache");
  return answer;
}

response not_modified(const std::string& tag) {
  response answer;
  answer.status = 304;
  return with_validators(std::move(answer), tag);
}

/// The range that is to be sent: none where the client's part is of an older picture.
byte_range wanted_range(const request& req, const std::string& tag, std::size_t size) {
  const auto condition = req.header("if-range");
  if (req.method != "GET" || (condition && *condition != tag)) {
    return {};
  }
  return parse_byte_range(req.header("range").value_or(""), size);
}

/// True for what is stored of uploads, and of results: the application's rows may say anything, and
/// a browser would run some of it as a page of this host.
bool is_shown_inline(std::string_view mime_type) {
  return mime_type == "image/jpeg" || mime_type == "image/png" || mime_type == "image/webp";
}

response image_answer(const exchange& asked, const stored_image& image, image_part part) {
  const request& req = asked.request;
  const auto tag = entity_tag(image.record, part);
  const auto size = image.bytes->size();
  const auto range = wanted_range(req, tag, size);
  const std::string total = "/" + std::to_string(size);
  if (range.type == byte_range::kind::unsatisfiable) {
    auto refusal = make_problem(416, "Range Not Satisfiable", "the image has fewer bytes");
    refusal.headers.emplace_back("Content-Range", "bytes *" + total);
    return refusal;
  }
  response answer;
  const bool is_inline = is_shown_inline(image.record.mime_type);
  answer.headers = {
      {"Content-Type", is_inline ? image.record.mime_type : "application/octet-stream"},
      {"Accept-Ranges", "bytes"}};
  if (!is_inline) {
    answer.headers.emplace_back("Content-Disposition", "attachment");
  }
  if (asked.caller.has_link) {
    // Links are made for the application's pages, which are of another site.
    answer.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  }
  answer.bytes = image.bytes;
  answer.byte_count = size;
  if (range.type == byte_range::kind::part) {
    answer.status = 206;
    answer.byte_offset = range.offset;
    answer.byte_count = range.count;
    const auto last = range.offset + range.count - 1;
    answer.headers.emplace_back(
        "Content-Range",
        "bytes " + std::to_string(range.offset) + "-" + std::to_string(last) + total
    );
  }
  return with_validators(std::move(answer), tag);
}

template <class Atom>
void fetch_part(
    const context_ptr& api, const exchange_ptr& exchange, Atom question, image_part part
) {
  const auto render = [exchange, part](const stored_image& image) {
    return image_answer(*exchange, image, part);
  };
  api->actors.ask<stored_image>(
      &directory::library, respond_with(exchange, render), question, exchange->id
  );
}

bool refuse_bad_id(const exchange_ptr& exchange) {
  if (is_plain_id(exchange->id)) {
    return false;
  }
  exchange->send(no_such_answer("image"));
  return true;
}

/// Whether the client has it already shows in its row; only otherwise are the bytes fetched.
template <class Atom>
void get_part(
    const context_ptr& api, const exchange_ptr& exchange, Atom question, image_part part
) {
  if (refuse_bad_id(exchange)) {
    return;
  }
  const auto known = exchange->request.header("if-none-match");
  if (!known) {
    fetch_part(api, exchange, question, part);
    return;
  }
  const auto on_row = [api, exchange, question, part,
                       known = std::string{*known}](const result<image_record>& row) {
    const bool is_there = row && (part == image_part::picture || !row->thumbnail_key.empty());
    if (is_there && names_entity(known, entity_tag(*row, part))) {
      exchange->send(not_modified(entity_tag(*row, part)));
    } else {
      fetch_part(api, exchange, question, part);
    }
  };
  api->actors.ask<image_record>(&directory::library, on_row, find_atom_v, exchange->id);
}

void get_image(const context_ptr& api, const exchange_ptr& exchange) {
  get_part(api, exchange, fetch_atom_v, image_part::picture);
}

void get_thumbnail(const context_ptr& api, const exchange_ptr& exchange) {
  get_part(api, exchange, thumbnail_atom_v, image_part::thumbnail);
}

void remove_image(const context_ptr& api, const exchange_ptr& exchange) {
  if (refuse_bad_id(exchange)) {
    return;
  }
  const auto on_answer = [api, exchange](const result<unit_value>& removed) {
    // Also after a failure: the row may be gone, and the bytes not.
    api->owners->forget_image(exchange->id);
    response answer;
    answer.status = 204;
    exchange->send(removed ? std::move(answer) : failure_answer(removed.error()));
  };
  api->actors.ask<unit_value>(&directory::library, on_answer, remove_atom_v, exchange->id);
}

}  // namespace

void add_image_routes(router& routes, const context_ptr& api) {
  routes.add("POST", "/images", bind_context(api, upload_image));
  routes.add("GET", "/images/{id}", bind_context(api, get_image));
  routes.add("GET", "/images/{id}/thumbnail", bind_context(api, get_thumbnail));
  routes.add("DELETE", "/images/{id}", bind_context(api, remove_image));
}

}  // namespace stayler::http
