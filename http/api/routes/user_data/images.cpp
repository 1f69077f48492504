// SPDX-License-Identifier: MIT

// /images

#include "adapters/log/log.hpp"
#include "http/api/json/image_json.hpp"
#include "http/api/json/members/json_fields.hpp"
#include "http/api/pictures/byte_range.hpp"
#include "http/api/pictures/image_upload.hpp"
#include "http/api/routes/routes.hpp"
#include "http/api/routes/user_data/user_scope.hpp"
#include "http/api/validators.hpp"
#include "http/server/connections/network.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace stayler::http {

namespace {

using actors::directory;
using adapters::logs::http::log;

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

/// A picture that does not decode is the caller's mistake, and named like any other.
response refuse_picture(const failure& why) {
  return why.kind == error_class::invalid_input
             ? make_problem(400, "Bad Request", why.message, {{"image", why.message}})
             : failure_answer(why);
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
      exchange->send(refuse_picture(image.error()));
    }
  };
  api->actors.ask<sanitized_image>(&directory::images, on_sanitized, sanitize_atom_v, bytes);
}

/// What the parts of an image have that are fetched by GET.
enum class image_part : std::uint8_t { picture, thumbnail };

std::string entity_tag(const image_record& row, image_part part) {
  return "\"" + row.checksum + (part == image_part::thumbnail ? "-thumbnail" : "") + "\"";
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

/// The bytes of an image as it was when its size was asked for.
class image_source final : public part_source {
 public:
  image_source(context_ptr api, std::string key, std::string version)
      : api_(std::move(api)), key_(std::move(key)), version_(std::move(version)) {}

  /// For what comes before the answer's head, when a failure can still be told.
  void ask(
      std::uint64_t offset, std::size_t count, std::function<void(const result<shared_bytes>&)> done
  ) const {
    const auto on_part = [done = std::move(done), version = version_,
                          count](const result<blob_part>& part) {
      if (!part) {
        done(part.error());
      } else if (part->version != version || part->bytes->size() != count) {
        done(failure{error_class::unavailable, "the image has just been replaced"});
      } else {
        done(part->bytes);
      }
    };
    api_->actors.ask<blob_part>(
        &directory::blobs, on_part, fetch_atom_v, key_, offset, std::uint64_t{count}
    );
  }

  void read(std::uint64_t offset, std::size_t count, std::function<void(shared_bytes)> done)
      override {
    ask(offset, count, [done = std::move(done), key = key_](const result<shared_bytes>& bytes) {
      if (!bytes) {
        log.warning(
            "an image ends in the middle of its being sent",
            {{"blob", key}, {"reason", bytes.error().message}}
        );
      }
      done(bytes ? *bytes : nullptr);
    });
  }

 private:
  context_ptr api_;
  std::string key_;
  std::string version_;
};

/// An image, or its thumbnail, that somebody wants to have.
struct image_fetch {
  exchange_ptr exchange;
  image_part part;
  byte_room_ptr room;  ///< for as much of it as is in memory at a time
};

response unsatisfiable_answer(std::uint64_t size) {
  auto refusal = make_problem(416, "Range Not Satisfiable", "the image has fewer bytes");
  refusal.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
  return refusal;
}

/// Without the bytes: which of them it will have is said by byte_offset and byte_count.
response image_answer(
    const stored_part& image, image_part part, const byte_range& range, bool by_link
) {
  const auto& row = image.record;
  const auto size = image.content.total_bytes;
  response answer;
  const bool is_inline = is_shown_inline(row.mime_type);
  answer.headers = {
      {"Content-Type", is_inline ? row.mime_type : "application/octet-stream"},
      {"Accept-Ranges", "bytes"}};
  if (!is_inline) {
    answer.headers.emplace_back("Content-Disposition", "attachment");
  }
  if (by_link) {
    // Links are made for the application's pages, which are of another site.
    answer.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  }
  answer.byte_count = size;
  if (range.type == byte_range::kind::part) {
    answer.status = 206;
    answer.byte_offset = range.offset;
    answer.byte_count = range.count;
    answer.headers.emplace_back(
        "Content-Range", "bytes " + std::to_string(range.offset) + "-"
                             + std::to_string(range.offset + range.count - 1) + "/"
                             + std::to_string(size)
    );
  }
  return with_validators(std::move(answer), entity_tag(row, part));
}

void send_with_bytes(const image_fetch& to, response answer, shared_bytes first) {
  if (to.room) {
    to.room->shrink_to(first->size());
  }
  answer.room = to.room;
  answer.bytes = std::move(first);
  to.exchange->send(std::move(answer));
}

/// Sends what of the image is wanted; the first of it is asked for, unless it is there already.
void send_image(const context_ptr& api, const image_fetch& to, const stored_part& image) {
  const auto& req = to.exchange->request;
  const auto& [bytes, size, version] = image.content;
  const auto range = wanted_range(req, entity_tag(image.record, to.part), size);
  if (range.type == byte_range::kind::unsatisfiable) {
    to.exchange->send(unsatisfiable_answer(size));
    return;
  }
  const auto& row = image.record;
  const auto source = std::make_shared<image_source>(
      api, to.part == image_part::thumbnail ? row.thumbnail_key : row.blob_key, version
  );
  auto answer = image_answer(image, to.part, range, to.exchange->caller.has_link);
  answer.source = source;
  const std::uint64_t wanted = std::min<std::uint64_t>(answer.byte_count, part_bytes);
  if (req.method == "HEAD") {
    to.exchange->send(std::move(answer));
  } else if (range.type == byte_range::kind::whole && bytes->size() == wanted) {
    send_with_bytes(to, std::move(answer), bytes);
  } else {
    const auto on_first = [to, answer](const result<shared_bytes>& first) {
      if (first) {
        send_with_bytes(to, answer, *first);
      } else {
        to.exchange->send(failure_answer(first.error()));
      }
    };
    source->ask(answer.byte_offset, static_cast<std::size_t>(wanted), on_first);
  }
}

template <class Atom>
void fetch_part(
    const context_ptr& api, const exchange_ptr& exchange, Atom question, image_part part
) {
  const auto& req = exchange->request;
  image_fetch to{exchange, part, nullptr};
  const bool is_measured_first = req.method == "HEAD" || req.header("range");
  if (api->options.memory && req.method != "HEAD") {
    to.room = api->options.memory->answers->try_take(network_of(req.remote_address), part_bytes);
    if (!to.room) {
      exchange->send(no_room_answer());
      return;
    }
  }
  const auto on_answer = [api, to](const result<stored_part>& image) {
    if (image) {
      send_image(api, to, *image);
    } else {
      to.exchange->send(failure_answer(image.error()));
    }
  };
  api->actors.ask<stored_part>(
      &directory::library, on_answer, question, exchange->id, std::uint64_t{0},
      std::uint64_t{is_measured_first ? 0 : part_bytes}
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
