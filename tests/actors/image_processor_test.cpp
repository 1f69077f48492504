// SPDX-License-Identifier: MIT

// The codec pool: order, bound, and what becomes of requests when a codec throws or an actor ends.

#include "actors/image_processor.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/actors/storage_fakes.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <stdexcept>

namespace stayler::test {

namespace {

/// Takes the text of the bytes for an order: "throw" throws, "bad" is refused, all else is done.
class obedient_codec final : public adapters::image_codec {
 public:
  std::vector<std::string> calls;

  result<image_info> examine(std::span<const std::byte> bytes) override {
    const std::string text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    if (auto error = obey("examine", text)) {
      return error;
    }
    return image_info{image_format::png, 3, 4};
  }

  result<encoded_image> prepare(const shared_bytes& bytes) override {
    if (auto error = obey("prepare", text_of(bytes))) {
      return error;
    }
    return encoded_image{bytes, {image_format::jpeg, 3, 4}};
  }

  result<finished_image> finish(const shared_bytes& bytes, image_format format) override {
    if (auto error = obey("finish", text_of(bytes))) {
      return error;
    }
    return finished_image{{bytes, {format, 3, 4}}, {bytes, {format, 1, 1}}};
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

 private:
  failure obey(const std::string& what, const std::string& text) {
    calls.push_back(what + " " + text);
    if (text == "throw") {
      throw std::runtime_error("the pixel cache is full");
    }
    return text == "bad" ? failure{error_class::invalid_input, "no picture", {}} : failure{};
  }
};

struct pool : fixture {
  std::shared_ptr<obedient_codec> codec = std::make_shared<obedient_codec>();

  image_processor_actor spawn_pool(std::size_t workers, std::size_t max_queue = 1'000) {
    return spawn(
        actors::image_processor, actors::image_processor_options{codec, workers, max_queue, false}
    );
  }

  static actors::image_processor_state& state(const image_processor_actor& whom) {
    return state_of<actors::image_processor_state>(whom);
  }
};

}  // namespace

TEST_CASE_METHOD(pool, "each kind of request is answered by the codec") {
  const auto images = spawn_pool(2);
  CHECK(
      call<image_info>(images, examine_atom_v, bytes_of("a")).value()
      == image_info{image_format::png, 3, 4}
  );
  CHECK(text_of(call<encoded_image>(images, prepare_atom_v, bytes_of("b")).value().bytes) == "b");
  CHECK(
      call<finished_image>(images, finish_atom_v, bytes_of("c"), image_format::webp)
          .value()
          .thumbnail.info.format
      == image_format::webp
  );
  const std::vector<image_operation> operations(2);
  CHECK(
      call<finished_image>(images, transform_atom_v, bytes_of("d"), operations)
          .value()
          .picture.info.width
      == 2
  );
}

TEST_CASE_METHOD(pool, "what the codec refuses is refused with the codec's own words") {
  const auto images = spawn_pool(1);
  CHECK(
      call<encoded_image>(images, prepare_atom_v, bytes_of("bad")).error()
      == failure{error_class::invalid_input, "no picture", {}}
  );
  CHECK(
      call<encoded_image>(images, prepare_atom_v, shared_bytes{}).error().kind
      == error_class::invalid_input
  );
}

TEST_CASE_METHOD(pool, "a single worker takes the requests in the order of their arrival") {
  const auto images = spawn_pool(1);
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    caf::anon_send(images, prepare_atom_v, bytes_of(std::to_string(i)));
    expected.push_back("prepare " + std::to_string(i));
  }
  run();
  CHECK(codec->calls == expected);
  CHECK(state(images).queue.empty());
}

TEST_CASE_METHOD(pool, "a codec that throws fails its own request and no other") {
  const auto images = spawn_pool(1);
  std::vector<pending<encoded_image>> answers;
  for (const auto* text : {"a", "throw", "b", "throw", "c"}) {
    answers.push_back(ask<encoded_image>(images, prepare_atom_v, bytes_of(text)));
  }
  CHECK(answers[0].answer());
  CHECK(answers[2].answer());
  CHECK(answers[4].answer());
  for (const auto i : {1U, 3U}) {
    CHECK(
        answers[i].answer().error()
        == failure{error_class::internal_bug, "the image codec has thrown: the pixel cache is full", {}}
    );
  }
  CHECK(codec->calls.size() == 5);
}

TEST_CASE_METHOD(pool, "requests that pile up behind a throwing codec are each answered once") {
  const auto images = spawn_pool(2);
  int answered = 0;
  int failed = 0;
  spawn([&](caf::event_based_actor* self) -> caf::behavior {
    for (int i = 0; i < 40; ++i) {
      self->request(images, caf::infinite, prepare_atom_v, bytes_of(i % 4 == 0 ? "throw" : "fine"))
          .then([&](const encoded_image&) { ++answered; }, [&](const caf::error&) { ++failed; });
    }
    return {[](int) {}};
  });
  CHECK(answered == 30);
  CHECK(failed == 10);
  CHECK(codec->calls.size() == 40);
  CHECK(state(images).slots.size() == 2);
  const auto is_busy = [](const auto& slot) { return slot.is_busy; };
  CHECK(std::none_of(state(images).slots.begin(), state(images).slots.end(), is_busy));
}

TEST_CASE_METHOD(pool, "a worker that ends for no reason is replaced") {
  const auto images = spawn_pool(1);
  const auto worker = state(images).slots.at(0).worker;
  kill(worker);
  CHECK(state(images).slots.at(0).worker != worker);
  CHECK(call<encoded_image>(images, prepare_atom_v, bytes_of("a")));
}

TEST_CASE_METHOD(pool, "a request that its worker never saw goes to another worker") {
  const auto images = spawn_pool(1);
  const auto worker = state(images).slots.at(0).worker;
  caf::anon_send_exit(worker, caf::exit_reason::kill);
  const auto answer = ask<encoded_image>(images, prepare_atom_v, bytes_of("a"));
  CHECK(answer.answer());
  CHECK(codec->calls == std::vector<std::string>{"prepare a"});
}

TEST_CASE_METHOD(pool, "a full queue refuses with unavailable and says when to come again") {
  const auto images = spawn_pool(1, 3);
  // The first goes to the worker, three wait, two are too many; nothing runs until the last ask.
  for (int i = 0; i < 5; ++i) {
    caf::anon_send(images, prepare_atom_v, bytes_of(std::to_string(i)));
  }
  const auto refused = ask<encoded_image>(images, prepare_atom_v, bytes_of("5")).answer();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().retry_after == milliseconds{1'000});
  CHECK(codec->calls.size() == 4);
  CHECK(call<encoded_image>(images, prepare_atom_v, bytes_of("later")));
}

TEST_CASE_METHOD(pool, "requests in the pool are answered when the processor is ended") {
  const auto images = spawn_pool(1);
  const auto client = [&](const char* text, auto& slot) {
    return spawn([images, text, &slot](caf::event_based_actor* self) -> caf::behavior {
      self->request(images, caf::infinite, prepare_atom_v, bytes_of(text))
          .then(
              [](const encoded_image&) {},
              [&slot](caf::error& error) { slot = actors::to_failure(error).kind; }
          );
      return {[](int) {}};
    });
  };
  auto& worker_state = state(images);
  // The only worker seems busy, so that both requests stay in the queue.
  worker_state.slots.at(0).is_busy = true;
  error_class first{};
  error_class second{};
  client("a", first);
  client("b", second);
  REQUIRE(worker_state.queue.size() == 2);
  kill(images);
  CHECK(first == error_class::unavailable);
  CHECK(second == error_class::unavailable);
}

TEST_CASE_METHOD(pool, "the workers end with their processor") {
  const auto images = spawn_pool(3);
  REQUIRE(system().registry().running() == 5);  // and the fixture's own client
  kill(images);
  CHECK(system().registry().running() == 1);
}

TEST_CASE("a pool on threads of its own outlives a codec that throws") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto codec = std::make_shared<obedient_codec>();
  const auto images =
      system.spawn(actors::image_processor, actors::image_processor_options{codec, 1, 10, true});
  {
    caf::scoped_actor self{system};
    const auto outcome_of = [&](const char* text) {
      failure outcome;
      self->request(images, std::chrono::seconds{30}, prepare_atom_v, bytes_of(text))
          .receive(
              [](const encoded_image&) {},
              [&](caf::error& error) { outcome = actors::to_failure(error); }
          );
      return outcome.kind;
    };
    CHECK(outcome_of("a") == error_class::none);
    CHECK(outcome_of("throw") == error_class::internal_bug);
    CHECK(outcome_of("b") == error_class::none);
  }
  caf::anon_send_exit(images, caf::exit_reason::user_shutdown);
}

}  // namespace stayler::test
