// SPDX-License-Identifier: MIT
#include "actors/images/image_library.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/uuid.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::actors {

namespace {

using adapters::logs::images::log;

using library_pointer = image_library_impl::stateful_pointer<image_library_state>;

std::string blob_key(const std::string& id, std::string_view suffix, image_format format) {
  return "images/" + id + std::string{suffix} + "." + std::string{file_ending_of(format)};
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

/// The row says what the picture is; this makes it say what its thumbnail is.
image_record describe_thumbnail(image_record row, const shared_bytes& thumbnail) {
  const auto ending = row.thumbnail_key.substr(row.thumbnail_key.rfind('.') + 1);
  if (const auto format = parse_image_format(ending)) {
    row.mime_type = mime_type_of(*format);
  }
  row.bytes = thumbnail->size();
  return row;
}

/// Removes the blobs one after the other, going on after a failure; `then` gets the first failure.
void remove_blobs(
    library_pointer self,
    std::vector<std::string> keys,
    std::function<void(caf::error)> then,
    caf::error first_error = {}
) {
  if (keys.empty()) {
    then(std::move(first_error));
    return;
  }
  const auto key = std::move(keys.back());
  keys.pop_back();
  const auto& options = self->state.options;
  self->request(options.blobs, options.timeout, remove_atom_v, key)
      .then(
          [=](unit_value) { remove_blobs(self, keys, then, first_error); },
          [=](const caf::error& error) {
            remove_blobs(self, keys, then, first_error ? first_error : error);
          }
      );
}

std::vector<std::string> keys_of(const image_record& row) {
  std::vector<std::string> keys{row.blob_key};
  if (!row.thumbnail_key.empty()) {
    keys.push_back(row.thumbnail_key);
  }
  return keys;
}

/// One image on its way into the library.
struct store_task {
  new_image image;
  image_record row;
  reply_promise<image_record> answer;
};
using shared_task = std::shared_ptr<store_task>;

void log_left_over(const image_record& row, const caf::error& error) {
  if (const failure why = to_failure(error)) {
    log.warning(
        "bytes are left over of an image that could not be stored",
        {{"imageId", row.id}, {"errorClass", why.kind}, {"reason", why.message}}
    );
  }
}

/// Takes the blobs away and answers with the error. Not before it is known that no row speaks of
/// them: an image of the same id may have been there, and a row whose writing has timed out may
/// still be written. The record keeper works in order, so its answer counts that row in.
void roll_back(library_pointer self, const shared_task& task, const caf::error& error) {
  const auto& options = self->state.options;
  self->request(options.records, options.timeout, find_atom_v, task->row.id)
      .then(
          [=](const image_record&) { task->answer.fail(error); },
          [=](const caf::error& find_error) {
            const bool is_new = task->image.id.empty();
            const bool may_be_written = to_failure(error).kind == error_class::timeout;
            const bool has_no_row = to_failure(find_error).kind == error_class::not_found;
            if (has_no_row || (is_new && !may_be_written)) {
              remove_blobs(self, keys_of(task->row), [=](const caf::error& left_over) {
                log_left_over(task->row, left_over);
                task->answer.fail(error);
              });
            } else {
              task->answer.fail(error);
            }
          }
      );
}

void put_row(library_pointer self, const shared_task& task) {
  const auto& options = self->state.options;
  self->request(options.records, options.timeout, record_atom_v, task->row)
      .then(
          [=](unit_value) { task->answer.deliver(task->row); },
          [=](const caf::error& error) { roll_back(self, task, error); }
      );
}

void put_blob(
    library_pointer self,
    const shared_task& task,
    const std::string& key,
    const shared_bytes& bytes,
    std::function<void()> then
) {
  const auto& options = self->state.options;
  self->request(options.blobs, options.timeout, store_atom_v, key, bytes)
      .then(
          [=](unit_value) { then(); },
          [=](const caf::error& error) { roll_back(self, task, error); }
      );
}

caf::result<image_record> store(library_pointer self, const new_image& image) {
  const auto& [picture, thumbnail] = image.content;
  if (!picture.bytes || picture.bytes->empty()) {
    return to_error({error_class::invalid_input, "the image has no bytes", {}});
  }
  const auto task = std::make_shared<store_task>(store_task{
      image, make_record(image, self->state.options.clock->now()),
      make_reply_promise<image_record>(self)});
  put_blob(self, task, task->row.blob_key, picture.bytes, [=] {
    if (task->row.thumbnail_key.empty()) {
      put_row(self, task);
    } else {
      put_blob(self, task, task->row.thumbnail_key, task->image.content.thumbnail.bytes, [=] {
        put_row(self, task);
      });
    }
  });
  return caf::delegated<image_record>{};
}

/// Answers with the bytes under that key together with the row as `describe` makes it.
void fetch_bytes(
    library_pointer self,
    const shared_reply_promise<stored_image>& answer,
    const image_record& row,
    const std::string& key,
    image_record (*describe)(image_record, const shared_bytes&)
) {
  const auto& options = self->state.options;
  self->request(options.blobs, options.timeout, fetch_atom_v, key)
      .then(
          [=](const shared_bytes& bytes) {
            answer->deliver({describe(row, bytes), bytes});
          },
          [=](caf::error& error) { answer->fail(std::move(error)); }
      );
}

template <class Continue>
caf::result<stored_image> with_row(library_pointer self, const std::string& id, Continue proceed) {
  const auto answer =
      std::make_shared<reply_promise<stored_image>>(make_reply_promise<stored_image>(self));
  const auto& options = self->state.options;
  self->request(options.records, options.timeout, find_atom_v, id)
      .then(
          [=](const image_record& row) { proceed(answer, row); },
          [=](caf::error& error) { answer->fail(std::move(error)); }
      );
  return caf::delegated<stored_image>{};
}

caf::result<stored_image> fetch(library_pointer self, const std::string& id) {
  return with_row(
      self, id,
      [self](const shared_reply_promise<stored_image>& answer, const image_record& row) {
        fetch_bytes(self, answer, row, row.blob_key, [](image_record r, const shared_bytes&) {
          return r;
        });
      }
  );
}

caf::result<stored_image> thumbnail(library_pointer self, const std::string& id) {
  return with_row(
      self, id,
      [self](const shared_reply_promise<stored_image>& answer, const image_record& row) {
        if (row.thumbnail_key.empty()) {
          answer->fail({error_class::not_found, "image " + row.id + " has no thumbnail", {}});
        } else {
          fetch_bytes(self, answer, row, row.thumbnail_key, describe_thumbnail);
        }
      }
  );
}

stored_image as_image(const encoded_image& picture) {
  image_record row;
  row.bytes = picture.bytes->size();
  row.mime_type = mime_type_of(picture.info.format);
  row.width = picture.info.width;
  row.height = picture.info.height;
  return {std::move(row), picture.bytes};
}

caf::result<stored_image> download(library_pointer self, const std::string& url) {
  auto& state = self->state;
  if (!state.options.web) {
    return to_error({error_class::invalid_input, "images are not fetched from URLs here", {}});
  }
  const std::uint64_t number = ++state.last_number;
  state.downloads[number] =
      [answer = make_shared_reply_promise<stored_image>(self)](const auto& outcome) {
        if (outcome.content) {
          answer->deliver(as_image(*outcome.content));
        } else {
          answer->fail(outcome.content.error());
        }
      };
  state.options.web->fetch(
      url,
      [number, weak = caf::actor_cast<caf::weak_actor_ptr>(self)](result<encoded_image> outcome) {
        if (const auto strong = weak.lock()) {
          caf::anon_send(
              caf::actor_cast<image_library_impl>(strong), finish_atom_v, number,
              download_outcome{std::move(outcome)}
          );
        }
      }
  );
  return caf::delegated<stored_image>{};
}

caf::result<unit_value> remove(library_pointer self, const std::string& id) {
  const auto answer =
      std::make_shared<reply_promise<unit_value>>(make_reply_promise<unit_value>(self));
  const auto& options = self->state.options;
  self->request(options.records, options.timeout, remove_atom_v, id)
      .then(
          [=](const image_record& row) {
            remove_blobs(self, keys_of(row), [=](const caf::error& error) {
              if (error) {
                answer->fail(error);
              } else {
                answer->deliver({});
              }
            });
          },
          [=](caf::error& error) { answer->fail(std::move(error)); }
      );
  return caf::delegated<unit_value>{};
}

}  // namespace

image_library_impl::behavior_type image_library(
    library_pointer self, image_library_options options
) {
  install_supervision(self);
  self->state.options = std::move(options);
  return {
      [self](store_atom, const new_image& image) { return store(self, image); },
      [self](find_atom what, const std::string& id) {
        return self->delegate(self->state.options.records, what, id);
      },
      [self](fetch_atom, const std::string& id) { return fetch(self, id); },
      [self](download_atom, const std::string& url) { return download(self, url); },
      [self](finish_atom, std::uint64_t number, const download_outcome& outcome) {
        self->state.downloads.extract(number).mapped()(outcome);
      },
      [self](thumbnail_atom, const std::string& id) { return thumbnail(self, id); },
      [self](remove_atom, const std::string& id) { return remove(self, id); },
  };
}

}  // namespace stayler::actors
