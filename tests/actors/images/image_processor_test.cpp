// SPDX-License-Identifier: MIT

// Calls of the codec, and what becomes of requests when a codec throws, the library refuses or the
// actor ends.

#include "tests/actors/images/image_processor_fixture.hpp"

#include <chrono>

namespace stayler::test {

TEST_CASE_METHOD(image_processor_fixture, "each kind of request is answered by the codec") {
  const auto images = spawn_pool(2);
  CHECK(
      call<sanitized_image>(images, sanitize_atom_v, bytes_of("a")).value().source_format
      == image_format::gif
  );
  CHECK(text_in(ask_for(images, "b")) == "b");
  const std::vector<image_signature> inputs(2);
  CHECK(
      call<finished_image>(images, finish_atom_v, bytes_of("c"), image_format::webp, inputs)
          .value()
          .thumbnail.info
      == image_info{image_format::webp, 2, 1}
  );
  const std::vector<image_operation> operations(2);
  CHECK(
      call<finished_image>(images, transform_atom_v, std::string{"d"}, operations)
          .value()
          .picture.info.width
      == 2
  );
}

TEST_CASE_METHOD(
    image_processor_fixture, "what the codec refuses is refused with the codec's own words"
) {
  const auto images = spawn_pool(1);
  CHECK(
      ask_for(images, "bad").answer().error()
      == failure{error_class::invalid_input, "no picture", {}}
  );
  CHECK(
      call<sanitized_image>(images, sanitize_atom_v, shared_bytes{}).error().kind
      == error_class::invalid_input
  );
}

TEST_CASE_METHOD(
    image_processor_fixture, "a codec that throws fails its own request and no other"
) {
  const auto images = spawn_pool(1);
  std::vector<pending<prepared_image>> answers;
  for (const auto* text : {"a", "throw", "b", "throw", "c"}) {
    answers.push_back(ask_for(images, text));
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

TEST_CASE_METHOD(
    image_processor_fixture, "requests that pile up behind a throwing codec are each answered once"
) {
  const auto images = spawn_pool(2);
  int answered = 0;
  int failed = 0;
  spawn([&](caf::event_based_actor* self) -> caf::behavior {
    for (int i = 0; i < 40; ++i) {
      self->request(
              images, caf::infinite, prepare_atom_v, std::string{i % 4 == 0 ? "throw" : "fine"}
      )
          .then([&](const prepared_image&) { ++answered; }, [&](const caf::error&) { ++failed; });
    }
    return {[](int) {}};
  });
  CHECK(answered == 30);
  CHECK(failed == 10);
  CHECK(codec->calls.size() == 40);
  CHECK(state(images).under_way() == 0);
}

TEST_CASE_METHOD(
    image_processor_fixture, "an image that is named by a URL is downloaded, others are not"
) {
  const auto images = spawn_pool(1);
  CHECK(ask_for(images, "https://cdn.example.com/a.jpg").answer());
  CHECK(ask_for(images, "b").answer());
  CHECK(fetched == std::vector<std::string>{"download https://cdn.example.com/a.jpg", "b"});
}

TEST_CASE_METHOD(
    image_processor_fixture, "what the library says of a picture is what the job is told"
) {
  const auto images = spawn_pool(1);
  CHECK(
      ask_for(images, "missing").answer().error()
      == failure{error_class::not_found, "no image missing"}
  );
  CHECK(text_in(ask_for(images, "b")) == "b");
}

TEST_CASE_METHOD(
    image_processor_fixture, "without a thread to be had a request fails, and the next one is tried"
) {
  const auto images = spawn_pool(1);
  threads->refusal = {error_class::unavailable, "no thread", {}};
  CHECK(ask_for(images, "a").answer().error() == threads->refusal);
  threads->refusal = {};
  CHECK(text_in(ask_for(images, "b")) == "b");
}

TEST_CASE_METHOD(
    image_processor_fixture, "how the codec's processes are is told after each call, and when asked"
) {
  const auto images = spawn_pool(1);
  run();
  CHECK(told.size() == 1);
  codec->now.retried_calls = 3;
  CHECK(ask_for(images, "a").answer());
  CHECK(told.size() == 2);
  CHECK(told.back() == codec->now);
  codec->now.problem = "no process can be started";
  CHECK(call<codec_status>(images, status_atom_v).value() == codec->now);
  CHECK(told.back() == codec->now);
}

TEST_CASE_METHOD(
    image_processor_fixture, "requests in the pool are answered when the processor is ended"
) {
  const auto images = spawn_pool(1);
  threads->keeps_calls = true;
  const auto under_way = ask_for(images, "a");
  const auto waiting = ask_for(images, "b");
  kill(images);
  CHECK(under_way.answer().error().kind == error_class::unavailable);
  CHECK(waiting.answer().error().kind == error_class::unavailable);
  threads->kept[0]();
  run();
}

TEST_CASE("calls on threads of their own are answered, and a slow one holds up nobody's end") {
  const auto threads = std::shared_ptr{adapters::make_detached_threads()};
  const auto codec = std::make_shared<obedient_codec>();
  std::promise<void> release;
  codec->released = release.get_future().share();
  {
    caf::actor_system_config config;
    actors::add_message_types(config);
    caf::actor_system system{config};
    const auto metrics =
        caf::actor_cast<metrics_actor>(system.spawn([](caf::event_based_actor*) -> caf::behavior {
          return {[](const codec_status&) {}};
        }));
    const auto library = caf::actor_cast<image_library_actor>(
        system.spawn([](caf::event_based_actor*) -> caf::behavior {
          return {[](fetch_atom, const std::string& id) { return stored_image{{}, bytes_of(id)}; }};
        })
    );
    actors::image_processor_options options{codec, threads, metrics, library, 2};
    caf::scoped_actor self{system};
    const auto images = self->spawn<caf::monitored>(actors::image_processor, std::move(options));
    const auto outcome_of = [&](const char* text) {
      failure outcome;
      self->request(images, std::chrono::seconds{30}, prepare_atom_v, std::string{text})
          .receive(
              [](const prepared_image&) {},
              [&](caf::error& error) { outcome = actors::to_failure(error); }
          );
      return outcome.kind;
    };
    CHECK(outcome_of("a") == error_class::none);
    caf::anon_send(images, prepare_atom_v, std::string{"slow"});
    CHECK(outcome_of("throw") == error_class::internal_bug);
    CHECK(outcome_of("b") == error_class::none);
    self->send_exit(images, caf::exit_reason::user_shutdown);
    self->receive([](const caf::down_msg&) {});
    caf::anon_send_exit(library, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(metrics, caf::exit_reason::user_shutdown);
  }
  CHECK_FALSE(threads->wait_for_all(milliseconds{0}));
  release.set_value();
  CHECK(threads->wait_for_all(std::chrono::seconds{30}));
}

}  // namespace stayler::test
