// SPDX-License-Identifier: MIT
#pragma once

// An image processor with a codec, threads and a library that do as the test says.

#include "actors/images/image_processor.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"
#include "tests/support/catch.hpp"

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace stayler::test {

/// Takes the text of the bytes for an order: "throw" throws, "bad" is refused, "slow" waits, all
/// else is done.
class obedient_codec final : public adapters::image_codec {
 public:
  std::vector<std::string> calls;
  std::shared_future<void> released;  ///< what "slow" waits for
  codec_status now;

  result<sanitized_image> sanitize(const shared_bytes& bytes) override {
    if (auto error = obey("sanitize", text_of(bytes))) {
      return error;
    }
    return sanitized_image{{{bytes, {image_format::png, 3, 4}}, {}}, image_format::gif};
  }

  result<prepared_image> prepare(const shared_bytes& bytes) override {
    if (auto error = obey("prepare", text_of(bytes))) {
      return error;
    }
    return prepared_image{{bytes, {image_format::jpeg, 3, 4}}, {}};
  }

  result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) override {
    if (auto error = obey("finish", text_of(bytes))) {
      return error;
    }
    const auto width = static_cast<std::uint32_t>(inputs.size());
    return finished_image{{bytes, {format, 3, 4}}, {bytes, {format, width, 1}}};
  }

  result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  ) override {
    if (auto error = obey("transform", text_of(bytes))) {
      return error;
    }
    const auto width = static_cast<std::uint32_t>(operations.size());
    return finished_image{{bytes, {image_format::webp, width, 1}}, {}};
  }

  [[nodiscard]] codec_status status() const override { return now; }

 private:
  failure obey(const std::string& what, const std::string& text) {
    if (text == "slow") {
      released.wait();
    }
    const std::lock_guard lock{mutex_};
    calls.push_back(what + " " + text);
    if (text == "throw") {
      throw std::runtime_error("the pixel cache is full");
    }
    return text == "bad" ? failure{error_class::invalid_input, "no picture", {}} : failure{};
  }

  std::mutex mutex_;
};

/// Makes each call at once, or keeps it: then it has not returned until the test makes it.
class scripted_threads final : public adapters::detached_threads {
 public:
  bool keeps_calls = false;
  std::vector<std::function<void()>> kept;
  failure refusal;

  void_result start(std::function<void()> call) override {
    if (refusal) {
      return refusal;
    }
    if (keeps_calls) {
      kept.push_back(std::move(call));
    } else {
      call();
    }
    return ok();
  }

  bool wait_for_all(std::chrono::milliseconds) override { return kept.empty(); }
};

struct image_processor_fixture : fixture {
  std::shared_ptr<obedient_codec> codec = std::make_shared<obedient_codec>();
  std::shared_ptr<scripted_threads> threads = std::make_shared<scripted_threads>();
  std::vector<codec_status> told;
  std::vector<std::string> fetched;
  bool library_is_slow = false;
  std::vector<std::function<void()>> fetches;  ///< that a slow library has not answered

  image_library_actor library;

  void answer_fetches() {
    caf::anon_send(caf::actor_cast<caf::actor>(library), flush_atom_v);
    run();
  }

  image_library_actor fake_library() {
    return spawn_fake<image_library_actor>([this](caf::event_based_actor* self) -> caf::behavior {
      const auto give = [this, self](const std::string& how, const std::string& id) {
        fetched.push_back(how + id);
        auto answer = self->make_response_promise();
        const auto deliver = [answer, id]() mutable {
          if (id == "missing") {
            answer.deliver(actors::to_error({error_class::not_found, "no image missing"}));
          } else {
            answer.deliver(stored_image{{}, bytes_of(id)});
          }
        };
        if (library_is_slow) {
          fetches.emplace_back(deliver);
        } else {
          std::function<void()>{deliver}();
        }
        return answer;
      };
      return {
          [give](fetch_atom, const std::string& id) { return give("", id); },
          [give](download_atom, const std::string& url) { return give("download ", url); },
          [this](flush_atom) {
            for (const auto& deliver : std::exchange(fetches, {})) {
              deliver();
            }
          },
      };
    });
  }

  image_processor_actor spawn_pool(std::size_t slots) {
    actors::image_processor_options options;
    options.codec = codec;
    options.threads = threads;
    options.slots = slots;
    options.max_uploads = 3;
    options.max_fetches = 4;
    options.max_source_bytes = 8;
    library = fake_library();
    options.library = library;
    options.metrics = spawn_fake<metrics_actor>([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const codec_status& status) { told.push_back(status); }};
    });
    return spawn(actors::image_processor, std::move(options));
  }

  pending<prepared_image> ask_for(const image_processor_actor& images, const std::string& text) {
    return ask<prepared_image>(images, prepare_atom_v, text);
  }

  static std::string text_in(const pending<prepared_image>& answered) {
    return text_of(answered.answer().value().picture.bytes);
  }

  static actors::image_processor_state& state(const image_processor_actor& whom) {
    using actor_type = actors::image_processor_impl::stateful_base<actors::image_processor_state>;
    return dynamic_cast<actor_type&>(*caf::actor_cast<caf::abstract_actor*>(whom)).state;
  }
};

}  // namespace stayler::test
