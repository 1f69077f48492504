// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes/fake_images.hpp"

#include "actors/support/reply_promise.hpp"
#include "tests/integration/http/api/fakes/fake_failures.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::test {

using actors::to_error;

namespace {

/// Bytes; what is smaller is no picture.
constexpr std::size_t smallest_picture = 18;

struct fake_library_state {
  std::shared_ptr<fake_rows> rows;
  std::map<std::string, stored_image> images;
};

using library_pointer = image_library_actor::stateful_pointer<fake_library_state>;

image_record keep(library_pointer self, const new_image& image) {
  image_record row;
  row.id = "img-" + std::to_string(self->state.images.size() + 1);
  row.user_id = image.user_id;
  row.type = image.type;
  row.file_name = image.file_name;
  row.bytes = image.content.picture.bytes->size();
  row.mime_type = mime_type_of(image.content.picture.info.format);
  row.width = image.content.picture.info.width;
  row.height = image.content.picture.info.height;
  row.checksum = "c0ffee";
  row.blob_key = row.id;
  row.thumbnail_key = row.type == "vendor" ? row.id : "";
  self->state.images[row.id] = {row, image.content.picture.bytes};
  self->state.rows->put(row);
  return row;
}

std::shared_ptr<const std::vector<std::byte>> pattern(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = pattern_at(i);
  }
  return std::make_shared<const std::vector<std::byte>>(std::move(bytes));
}

/// The image "row-text-html" is one whose row says that it is text/html, "bytes-1000" has so many.
std::optional<stored_image> image_of_the_application(const std::string& id) {
  const std::string large = "bytes-";
  if (id.find(large) == 0) {
    stored_image image;
    image.record.id = id;
    image.record.blob_key = id;
    image.record.mime_type = "image/png";
    image.bytes = pattern(std::stoul(id.substr(large.size())));
    return image;
  }
  const std::string beginning = "row-";
  if (id.find(beginning) != 0) {
    return std::nullopt;
  }
  stored_image image;
  image.record.id = id;
  image.record.blob_key = id;
  image.record.mime_type = id.substr(beginning.size());
  std::replace(image.record.mime_type.begin(), image.record.mime_type.end(), '-', '/');
  image.bytes = std::make_shared<const std::vector<std::byte>>(3);
  return image;
}

std::optional<stored_image> find_image(library_pointer self, const std::string& id) {
  if (auto image = image_of_the_application(id)) {
    return image;
  }
  const auto found = self->state.images.find(id);
  return found == self->state.images.end() ? std::nullopt : std::optional{found->second};
}

caf::result<stored_image> look_up(library_pointer self, const std::string& id) {
  if (const auto image = find_image(self, id)) {
    return *image;
  }
  return to_error(no_such("image"));
}

caf::result<stored_part> look_up_part(
    library_pointer self, const std::string& id, std::uint64_t offset, std::uint64_t count
) {
  const auto image = find_image(self, id);
  if (!image) {
    return to_error(no_such("image"));
  }
  const std::uint64_t size = image->bytes->size();
  const auto from = std::min(offset, size);
  const auto* first = image->bytes->data() + from;
  const auto* last = first + std::min(count, size - from);
  return stored_part{
      image->record, {std::make_shared<const std::vector<std::byte>>(first, last), size, "v1"}};
}

image_library_actor::behavior_type fake_library(
    library_pointer self, const std::shared_ptr<fake_rows>& rows
) {
  self->state.rows = rows;
  return {
      [self](store_atom, const new_image& image) { return keep(self, image); },
      [self](find_atom, const std::string& id) -> caf::result<image_record> {
        if (id == "unknowable") {
          return to_error({error_class::unavailable, "the database is away"});
        }
        const auto found = self->state.images.find(id);
        if (found == self->state.images.end()) {
          return to_error(no_such("image"));
        }
        return found->second.record;
      },
      [self](fetch_atom, const std::string& id) { return look_up(self, id); },
      [](download_atom, const std::string&) -> caf::result<stored_image> {
        return to_error(no_such("image"));
      },
      [self](fetch_atom, const std::string& id, std::uint64_t offset, std::uint64_t count) {
        return look_up_part(self, id, offset, count);
      },
      [self](
          thumbnail_atom, const std::string& id, std::uint64_t offset, std::uint64_t count
      ) -> caf::result<stored_part> {
        const auto image = find_image(self, id);
        if (!image || image->record.thumbnail_key.empty()) {
          return to_error(no_such("thumbnail"));
        }
        return look_up_part(self, id, offset, count);
      },
      [self](remove_atom, const std::string& id) -> caf::result<unit_value> {
        self->state.rows->remove(id);
        if (self->state.images.erase(id) == 0) {
          return to_error(no_such("image"));
        }
        return unit_value{};
      },
  };
}

caf::behavior fake_blobs(caf::event_based_actor* self, const image_library_actor& library) {
  return {[self,
           library](fetch_atom, const std::string& key, std::uint64_t offset, std::uint64_t count) {
    auto answer = self->make_response_promise();
    self->request(library, caf::infinite, fetch_atom_v, key, offset, count)
        .then(
            [answer](const stored_part& part) mutable { answer.deliver(part.content); },
            [answer](caf::error& error) mutable { answer.deliver(std::move(error)); }
        );
    return answer;
  }};
}

image_processor_actor::behavior_type fake_processor() {
  return {
      [](sanitize_atom, const shared_bytes& bytes) -> caf::result<sanitized_image> {
        if (bytes->size() < smallest_picture) {
          return to_error({error_class::invalid_input, "the picture is cut off"});
        }
        return sanitized_image{{{bytes, {image_format::png, 3, 4}}, {}}, image_format::png};
      },
      [](prepare_atom, const std::string&) { return prepared_image{}; },
      [](finish_atom, const shared_bytes&, image_format, const std::vector<image_signature>&) {
        return finished_image{};
      },
      [](transform_atom, const std::string&, const std::vector<image_operation>&) {
        return finished_image{};
      },
      [](status_atom) { return codec_status{}; },
  };
}

}  // namespace

image_library_actor spawn_fake_library(
    caf::actor_system& system, const std::shared_ptr<fake_rows>& rows
) {
  return system.spawn(fake_library, rows);
}

blob_store_actor spawn_fake_blobs(caf::actor_system& system, const image_library_actor& library) {
  return caf::actor_cast<blob_store_actor>(system.spawn(fake_blobs, library));
}

image_processor_actor spawn_fake_processor(caf::actor_system& system) {
  return system.spawn(fake_processor);
}

}  // namespace stayler::test
