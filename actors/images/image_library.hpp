// SPDX-License-Identifier: MIT
#pragma once

#include "actors/support/reply_promise.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/image_source/image_source.hpp"
#include "messages/protocol.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stayler::actors {

struct image_library_options {
  blob_store_actor blobs;
  image_records_actor records;
  std::shared_ptr<adapters::wall_clock> clock;
  milliseconds timeout{30'000};                   ///< for one step: a blob or a row
  std::shared_ptr<adapters::image_source> web{};  ///< null: no picture is fetched from a URL
};

/// What the fetching of a URL came to. Local to a process.
struct download_outcome {
  result<encoded_image> content;
};

}  // namespace stayler::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stayler::actors::download_outcome)

namespace stayler::actors {

/// What the library tells itself, beside its public interface.
using image_library_impl = image_library_actor::extend<
    /// The download of that number has ended.
    caf::reacts_to<finish_atom, std::uint64_t, download_outcome>>;

/// Keeps blobs and rows together: first the blobs, then the row that makes the image exist; where
/// the row fails, the blobs go again. Removal takes the row first.
class image_library_state {
 public:
  static inline const char* name = "image_library";

  using pointer = image_library_impl::stateful_pointer<image_library_state>;

  explicit image_library_state(pointer self) : self_(self) {}

  image_library_impl::behavior_type make_behavior(image_library_options options);

 private:
  /// One image on its way into the library.
  struct store_task {
    new_image image;
    image_record row;
    reply_promise<image_record> answer;
  };
  using shared_task = std::shared_ptr<store_task>;

  // The public interface.
  caf::result<image_record> store(const new_image& image);
  caf::result<image_record> find(const std::string& id);
  caf::result<stored_image> fetch(const std::string& id);
  caf::result<stored_part> fetch_part(
      const std::string& id, std::uint64_t offset, std::uint64_t count
  );
  caf::result<stored_part> thumbnail_part(
      const std::string& id, std::uint64_t offset, std::uint64_t count
  );
  caf::result<stored_image> download(const std::string& url);
  caf::result<unit_value> remove(const std::string& id);

  void put_blob(
      const shared_task& task,
      const std::string& key,
      const shared_bytes& bytes,
      std::function<void()> then
  );
  void put_row(const shared_task& task);
  /// Takes the blobs away, unless they may be another image's, and answers with the error.
  void roll_back(const shared_task& task, const caf::error& error);

  /// Looks the image up; `proceed` gets its row, or the answer is why there is none.
  template <class Answer>
  caf::result<Answer> with_row(
      const std::string& id,
      std::function<void(const shared_reply_promise<Answer>&, const image_record&)> proceed
  );
  /// Answers with that part of what is under the key, and the row.
  void fetch_blob_part(
      const shared_reply_promise<stored_part>& answer,
      const image_record& row,
      const std::string& key,
      std::uint64_t offset,
      std::uint64_t count
  );
  void download_ended(std::uint64_t number, const download_outcome& outcome);

  /// Removes the blobs one after the other, going on after a failure; `then` gets the first
  /// failure.
  void remove_blobs(
      std::vector<std::string> keys,
      std::function<void(const caf::error&)> then,
      caf::error first_error = {}
  );

  pointer self_;
  image_library_options options_;
  std::map<std::uint64_t, reply_promise<stored_image>> downloads_;  ///< under way
  std::uint64_t last_number_ = 0;
};

/// Spawn it detached: a checksum of 20 MB takes tens of milliseconds.
image_library_impl::behavior_type image_library(
    image_library_state::pointer self, image_library_options options
);

}  // namespace stayler::actors
