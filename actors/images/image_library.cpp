// SPDX-License-Identifier: MIT
#include "actors/images/image_library.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/tell.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <cstddef>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::images::log;

std::string blob_key(const std::string& id, std::string_view suffix, image_format format) {
  return fmt::format("images/{}{}.{}", id, suffix, file_ending_of(format));
}

image_record make_record(const new_image& image, timestamp now) {
  const auto& [picture, thumbnail] = image.content;
  image_record row;
  row.id = image.id.empty() ? to_string(make_uuid_v7(now)) : image.id;
  row.user_id = image.user_id;
  row.type = image.type;
  row.file_name = image.file_name;
  row.blob_key = blob_key(row.id, "", picture.info.format);
  row.thumbnail_key = thumbnail.bytes ? blob_key(row.id, "-thumb", thumbnail.info.format) : "";
  row.bytes = picture.bytes->size();
  row.mime_type = mime_type_of(picture.info.format);
  row.width = picture.info.width;
  row.height = picture.info.height;
  row.checksum = adapters::sha256_hex(*picture.bytes);
  row.created_at = now;
  return row;
}

/// The row says of what type the picture is; this makes it say of what type its thumbnail is.
image_record describe_thumbnail(image_record row) {
  const auto ending = row.thumbnail_key.substr(row.thumbnail_key.rfind('.') + 1);
  if (const auto format = parse_image_format(ending)) {
    row.mime_type = mime_type_of(*format);
  }
  return row;
}

std::vector<std::string> keys_of(const image_record& row) {
  std::vector<std::string> keys{row.blob_key};
  if (!row.thumbnail_key.empty()) {
    keys.push_back(row.thumbnail_key);
  }
  return keys;
}

void log_left_over(const image_record& row, const caf::error& error) {
  if (const failure why = to_failure(error)) {
    log.warning(
        "bytes are left over of an image that could not be stored",
        {{"imageId", row.id}, {"errorClass", why.kind}, {"reason", why.message}}
    );
  }
}

stored_image as_image(const encoded_image& picture) {
  image_record row;
  row.bytes = picture.bytes->size();
  row.mime_type = mime_type_of(picture.info.format);
  row.width = picture.info.width;
  row.height = picture.info.height;
  return {std::move(row), picture.bytes};
}

}  // namespace

caf::result<image_record> image_library_state::store(const new_image& image) {
  const auto& [picture, thumbnail] = image.content;
  if (!picture.bytes || picture.bytes->empty()) {
    return to_error({error_class::invalid_input, "the image has no bytes"});
  }
  const auto task = std::make_shared<store_task>(store_task{
      image, make_record(image, options_.clock->now()), make_reply_promise<image_record>(self_)});
  put_blob(task, task->row.blob_key, picture.bytes, [this, task] {
    if (task->row.thumbnail_key.empty()) {
      put_row(task);
    } else {
      put_blob(task, task->row.thumbnail_key, task->image.content.thumbnail.bytes, [this, task] {
        put_row(task);
      });
    }
  });
  return caf::delegated<image_record>{};
}

void image_library_state::put_blob(
    const shared_task& task,
    const std::string& key,
    const shared_bytes& bytes,
    std::function<void()> then
) {
  self_->request(options_.blobs, options_.timeout, store_atom_v, key, bytes)
      .then(
          [then = std::move(then)](unit_value) { then(); },
          [this, task](const caf::error& error) { roll_back(task, error); }
      );
}

void image_library_state::put_row(const shared_task& task) {
  self_->request(options_.records, options_.timeout, record_atom_v, task->row)
      .then(
          [task](unit_value) { task->answer.deliver(task->row); },
          [this, task](const caf::error& error) { roll_back(task, error); }
      );
}

// The blobs stay until it is known that no row speaks of them: an image of the same id may have
// been there, and a row whose writing has timed out may still be written. The record keeper works
// in order, so its answer counts that row in.
void image_library_state::roll_back(const shared_task& task, const caf::error& error) {
  self_->request(options_.records, options_.timeout, find_atom_v, task->row.id)
      .then(
          [task, error](const image_record&) { task->answer.fail(error); },
          [this, task, error](const caf::error& find_error) {
            const bool is_new = task->image.id.empty();
            const bool may_be_written = to_failure(error).kind == error_class::timeout;
            const bool has_no_row = to_failure(find_error).kind == error_class::not_found;
            if (has_no_row || (is_new && !may_be_written)) {
              remove_blobs(keys_of(task->row), [task, error](const caf::error& left_over) {
                log_left_over(task->row, left_over);
                task->answer.fail(error);
              });
            } else {
              task->answer.fail(error);
            }
          }
      );
}

void image_library_state::remove_blobs(
    std::vector<std::string> keys,
    std::function<void(const caf::error&)> then,
    caf::error first_error
) {
  if (keys.empty()) {
    then(first_error);
    return;
  }
  const auto key = std::move(keys.back());
  keys.pop_back();
  self_->request(options_.blobs, options_.timeout, remove_atom_v, key)
      .then(
          [=, this](unit_value) { remove_blobs(keys, then, first_error); },
          [=, this](const caf::error& error) {
            remove_blobs(keys, then, first_error ? first_error : error);
          }
      );
}

caf::result<image_record> image_library_state::find(const std::string& id) {
  return self_->delegate(options_.records, find_atom_v, id);
}

template <class Answer>
caf::result<Answer> image_library_state::with_row(
    const std::string& id,
    std::function<void(const shared_reply_promise<Answer>&, const image_record&)> proceed
) {
  const auto answer = make_shared_reply_promise<Answer>(self_);
  self_->request(options_.records, options_.timeout, find_atom_v, id)
      .then(
          [answer, proceed = std::move(proceed)](const image_record& row) { proceed(answer, row); },
          [answer](caf::error& error) { answer->fail(std::move(error)); }
      );
  return caf::delegated<Answer>{};
}

caf::result<stored_image> image_library_state::fetch(const std::string& id) {
  return with_row<stored_image>(id, [this](const auto& answer, const image_record& row) {
    self_->request(options_.blobs, options_.timeout, fetch_atom_v, row.blob_key)
        .then(
            [answer, row](const shared_bytes& bytes) {
              answer->deliver({row, bytes});
            },
            [answer](caf::error& error) { answer->fail(std::move(error)); }
        );
  });
}

void image_library_state::fetch_blob_part(
    const shared_reply_promise<stored_part>& answer,
    const image_record& row,
    const std::string& key,
    std::uint64_t offset,
    std::uint64_t count
) {
  self_->request(options_.blobs, options_.timeout, fetch_atom_v, key, offset, count)
      .then(
          [answer, row](const blob_part& part) {
            answer->deliver({row, part});
          },
          [answer](caf::error& error) { answer->fail(std::move(error)); }
      );
}

caf::result<stored_part> image_library_state::fetch_part(
    const std::string& id, std::uint64_t offset, std::uint64_t count
) {
  return with_row<stored_part>(
      id,
      [this, offset, count](const auto& answer, const image_record& row) {
        fetch_blob_part(answer, row, row.blob_key, offset, count);
      }
  );
}

caf::result<stored_part> image_library_state::thumbnail_part(
    const std::string& id, std::uint64_t offset, std::uint64_t count
) {
  return with_row<stored_part>(
      id,
      [this, offset, count](const auto& answer, const image_record& row) {
        if (row.thumbnail_key.empty()) {
          answer->fail(failure{error_class::not_found, "image " + row.id + " has no thumbnail"});
        } else {
          fetch_blob_part(answer, describe_thumbnail(row), row.thumbnail_key, offset, count);
        }
      }
  );
}

caf::result<stored_image> image_library_state::download(const std::string& url) {
  if (!options_.web) {
    return to_error({error_class::invalid_input, "images are not fetched from URLs here"});
  }
  const std::uint64_t number = ++last_number_;
  downloads_.emplace(number, make_reply_promise<stored_image>(self_));
  options_.web->fetch(
      url,
      [number, weak = caf::actor_cast<caf::weak_actor_ptr>(self_)](result<encoded_image> outcome) {
        if (const auto strong = weak.lock()) {
          tell(
              caf::actor_cast<image_library_impl>(strong), finish_atom_v, number,
              download_outcome{std::move(outcome)}
          );
        }
      }
  );
  return caf::delegated<stored_image>{};
}

void image_library_state::download_ended(std::uint64_t number, const download_outcome& outcome) {
  reply_promise<stored_image> answer = std::move(downloads_.extract(number).mapped());
  if (outcome.content) {
    answer.deliver(as_image(*outcome.content));
  } else {
    answer.fail(outcome.content.error());
  }
}

caf::result<unit_value> image_library_state::remove(const std::string& id) {
  const auto answer = make_shared_reply_promise<unit_value>(self_);
  self_->request(options_.records, options_.timeout, remove_atom_v, id)
      .then(
          [this, answer](const image_record& row) {
            remove_blobs(keys_of(row), [answer](const caf::error& error) {
              if (error) {
                answer->fail(error);
              } else {
                answer->deliver({});
              }
            });
          },
          [answer](caf::error& error) { answer->fail(std::move(error)); }
      );
  return caf::delegated<unit_value>{};
}

image_library_impl::behavior_type image_library_state::make_behavior(image_library_options options
) {
  install_supervision(self_);
  options_ = std::move(options);
  using self = image_library_state;
  return {
      handle<store_atom>(*this, &self::store),
      handle<find_atom>(*this, &self::find),
      handle<fetch_atom>(*this, &self::fetch),
      handle<download_atom>(*this, &self::download),
      handle<finish_atom>(*this, &self::download_ended),
      handle<fetch_atom>(*this, &self::fetch_part),
      handle<thumbnail_atom>(*this, &self::thumbnail_part),
      handle<remove_atom>(*this, &self::remove),
  };
}

image_library_impl::behavior_type image_library(
    image_library_state::pointer self, image_library_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
