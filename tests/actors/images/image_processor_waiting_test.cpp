// SPDX-License-Identifier: MIT

// What waits for the codec: how much of it, in which order, and what is fetched meanwhile.

#include "tests/actors/images/image_processor_fixture.hpp"

#include <algorithm>

namespace stayler::test {

TEST_CASE_METHOD(
    image_processor_fixture, "a single slot takes the requests in the order of their arrival"
) {
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

TEST_CASE_METHOD(image_processor_fixture, "no more calls are under way than there are slots") {
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

TEST_CASE_METHOD(
    image_processor_fixture, "too many uploads are refused, with when to come again; jobs never are"
) {
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

TEST_CASE_METHOD(
    image_processor_fixture, "however many jobs wait, few of their pictures are in memory"
) {
  const auto images = spawn_pool(1);
  threads->keeps_calls = true;
  library_is_slow = true;
  std::vector<pending<prepared_image>> answers;
  for (int i = 0; i < 2'000; ++i) {
    answers.push_back(ask_for(images, "abcd"));
  }
  CHECK(fetched.size() == 4);  // at a time
  for (int i = 0; i < 10; ++i) {
    answer_fetches();
  }
  // One is under way, two are as many bytes as may wait, and four were on their way.
  CHECK(threads->kept.size() == 1);
  CHECK(fetched.size() <= 7);
  const auto in_memory = fetched.size();
  while (fetched.size() == in_memory) {
    REQUIRE(threads->kept.size() < in_memory);
    threads->kept.back()();
    run();
  }
  library_is_slow = false;
  threads->keeps_calls = false;
  threads->kept.back()();
  answer_fetches();
  CHECK(std::ranges::all_of(answers, [](const auto& each) { return each.answer().has_value(); }));
  CHECK(state(images).waiting() == 0);
}

TEST_CASE_METHOD(
    image_processor_fixture, "results go first, then uploads and pictures of jobs in turn"
) {
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

}  // namespace stayler::test
