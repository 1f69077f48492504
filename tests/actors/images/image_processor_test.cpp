// SPDX-License-Identifier: MIT

// Calls of the codec: order, bounds, and what becomes of requests when a codec throws or the actor
// ends.

#include "actors/images/image_processor.hpp"

#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace stayler::test {

namespace {

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

struct pool : fixture {
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

}  // namespace

TEST_CASE_METHOD(pool, "each kind of request is answered by the codec") {
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

TEST_CASE_METHOD(pool, "what the codec refuses is refused with the codec's own words") {
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

TEST_CASE_METHOD(pool, "a single slot takes the requests in the order of their arrival") {
  const auto images = spawn_pool(1);
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    caf::anon_send(images, prepare_atom_v, std::to_string(i));
    expected.push_back("prepare " + std::to_string(i));
  }
  run();
  CHECK(codec->calls == expected);
  CHECK(state(images).waiting() == 0);
}

TEST_CASE_METHOD(pool, "no more calls are under way than there are slots") {
  const auto images = spawn_pool(2);
  threads->keeps_calls = true;
  for (const auto* text : {"a", "b", "c"}) {
    ask_for(images, text);
  }
  CHECK(threads->kept.size() == 2);
  threads->kept[0]();
  run();
  CHECK(threads->kept.size() == 3);
}

TEST_CASE_METHOD(pool, "a codec that throws fails its own request and no other") {
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

TEST_CASE_METHOD(pool, "requests that pile up behind a throwing codec are each answered once") {
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

TEST_CASE_METHOD(pool, "too many uploads are refused, with when to come again; jobs never are") {
  const auto images = spawn_pool(1);
  threads->keeps_calls = true;
  const auto upload = [&](const std::string& text) {
    return ask<sanitized_image>(images, sanitize_atom_v, bytes_of(text));
  };
  // One is under way, three wait.
  for (int i = 0; i < 4; ++i) {
    upload(std::to_string(i));
  }
  const auto refused = upload("4").answer();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == error_class::unavailable);
  CHECK(refused.error().retry_after == milliseconds{1'000});
  const auto of_job = ask_for(images, "job");
  threads->keeps_calls = false;
  threads->kept[0]();
  run();
  CHECK(of_job.answer());
  CHECK(upload("later").answer());
  CHECK(codec->calls.size() == 6);
}

TEST_CASE_METHOD(pool, "however many jobs wait, few of their pictures are in memory") {
  const auto images = spawn_pool(1);
  threads->keeps_calls = true;
  library_is_slow = true;
  std::vector<pending<prepared_image>> answers;
  for (int i = 0; i < 2'000; ++i) {
    answers.push_back(ask_for(images, "abcd"));
  }
  CHECK(fetched.size() == 4);  // at a time
  answer_fetches();
  // One is under way, and twelve bytes wait.
  CHECK(threads->kept.size() == 1);
  CHECK(fetched.size() == 4);
  threads->kept[0]();
  run();
  CHECK(fetched.size() == 4);
  threads->kept[1]();
  run();
  CHECK(fetched.size() == 8);  // four bytes wait
  library_is_slow = false;
  threads->keeps_calls = false;
  threads->kept[2]();
  answer_fetches();
  CHECK(std::ranges::all_of(answers, [](const auto& each) { return each.answer().has_value(); }));
  CHECK(state(images).waiting() == 0);
}

TEST_CASE_METHOD(pool, "results go first, then uploads and pictures of jobs in turn") {
  const auto images = spawn_pool(1);
  threads->keeps_calls = true;
  ask_for(images, "first");
  ask_for(images, "a");
  ask_for(images, "b");
  ask<sanitized_image>(images, sanitize_atom_v, bytes_of("c"));
  ask<sanitized_image>(images, sanitize_atom_v, bytes_of("d"));
  ask<finished_image>(
      images, finish_atom_v, bytes_of("e"), image_format::webp, std::vector<image_signature>{}
  );
  threads->keeps_calls = false;
  threads->kept[0]();
  run();
  CHECK(
      codec->calls
      == std::vector<std::string>{
          "prepare first", "finish e", "sanitize c", "prepare a", "sanitize d", "prepare b"}
  );
}

TEST_CASE_METHOD(pool, "an image that is named by a URL is downloaded, others are not") {
  const auto images = spawn_pool(1);
  CHECK(ask_for(images, "https://cdn.example.com/a.jpg").answer());
  CHECK(ask_for(images, "b").answer());
  CHECK(fetched == std::vector<std::string>{"download https://cdn.example.com/a.jpg", "b"});
}

TEST_CASE_METHOD(pool, "what the library says of a picture is what the job is told") {
  const auto images = spawn_pool(1);
  CHECK(
      ask_for(images, "missing").answer().error()
      == failure{error_class::not_found, "no image missing"}
  );
  CHECK(text_in(ask_for(images, "b")) == "b");
}

TEST_CASE_METHOD(pool, "without a thread to be had a request fails, and the next one is tried") {
  const auto images = spawn_pool(1);
  threads->refusal = {error_class::unavailable, "no thread", {}};
  CHECK(ask_for(images, "a").answer().error() == threads->refusal);
  threads->refusal = {};
  CHECK(text_in(ask_for(images, "b")) == "b");
}

TEST_CASE_METHOD(pool, "how the codec's processes are is told after each call, and when asked") {
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

TEST_CASE_METHOD(pool, "requests in the pool are answered when the processor is ended") {
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
