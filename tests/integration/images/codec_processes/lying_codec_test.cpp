// SPDX-License-Identifier: MIT

// Proves that a codec process that has been taken over, or fails in any way, harms nobody: what it
// says is checked, it is replaced, and its picture is refused after the second one.

#include "tests/integration/images/codec_processes/processes.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

const shared_bytes& small_picture() {
  static const shared_bytes picture = share(make_picture({image_format::png, 40, 30}));
  return picture;
}

}  // namespace

TEST_CASE("a picture goes to a codec process and comes back") {
  const lying_codec honest{"honest"};
  const auto codec = start_codec(honest.program()).value();
  const auto made = codec->sanitize(small_picture()).value();
  CHECK(*made.content.picture.bytes == *small_picture());
  CHECK(made.content.picture.info == image_info{image_format::png, 40, 30});
  CHECK(made.source_format == image_format::png);
  CHECK(codec->status().retried_calls == 0);
  CHECK(codec->status().problem.empty());
}

TEST_CASE("an answer that makes no sense costs the process, and after a second one the picture") {
  const std::string lie = GENERATE(
      "another-number", "another-magic", "far-offset", "wrapping-offset", "huge-length",
      "no-length", "no-thumbnail", "other-sides", "other-format", "no-picture", "unknown-outcome",
      "foreign-error", "short-answer", "long-answer"
  );
  CAPTURE(lie);
  const lying_codec liar{lie};
  const auto codec = start_codec(liar.program()).value();
  CHECK(
      codec->sanitize(small_picture()).error()
      == failure{
          error_class::invalid_input,
          "the picture could not be decoded: the decoder's answer made no sense twice",
          {}}
  );
  CHECK(losses_of(codec->status(), codec_loss::misbehaved) == 2);
  CHECK(codec->status().retried_calls == 1);
}

TEST_CASE("a process that changes the memory after its answer fools nobody") {
  const lying_codec liar{"changes-memory"};
  const auto codec = start_codec(liar.program()).value();
  // Either the copy was made before the change, or it was seen in the copy.
  if (const auto made = codec->sanitize(small_picture())) {
    CHECK(*made->content.picture.bytes == *small_picture());
  } else {
    CHECK(made.error().kind == error_class::invalid_input);
  }
}

TEST_CASE("a process cannot take the memory away from under the service") {
  const lying_codec liar{"shrinks-memory"};
  const auto codec = start_codec(liar.program()).value();
  CHECK(codec->sanitize(small_picture()));
}

TEST_CASE("a text that does not end is cut, and nothing in it can be printed but characters") {
  const lying_codec liar{"endless-text"};
  const auto codec = start_codec(liar.program()).value();
  const auto refused = codec->sanitize(small_picture());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == std::string(384, '?'));
  CHECK(codec->status().retried_calls == 0);
}

TEST_CASE("a picture that takes too much memory is refused, and the process goes on") {
  const lying_codec modest{"out-of-memory"};
  const auto codec = start_codec(modest.program()).value();
  CHECK(
      codec->sanitize(small_picture()).error().message
      == "the picture could not be decoded: it needs more than 1 GiB of memory"
  );
  CHECK(codec->status().losses == codec_status{}.losses);
}

TEST_CASE("a process that ends in a call is replaced, and the reason is told and counted") {
  const auto [name, why, text] = GENERATE(table<std::string, codec_loss, std::string>(
      {{"crashing", codec_loss::crashed, "the decoder crashed on it twice"},
       {"leaving", codec_loss::crashed, "the decoder crashed on it twice"},
       {"killed", codec_loss::killed, "the decoder was killed over it twice"},
       {"hanging-up", codec_loss::killed, "the decoder was killed over it twice"},
       {"forbidden", codec_loss::forbidden_call, "the decoder tried what it must not do twice"},
       {"busy", codec_loss::timeout, "it took longer than 400ms twice"},
       {"silent", codec_loss::timeout, "it took longer than 400ms twice"},
       {"stopped", codec_loss::timeout, "it took longer than 400ms twice"}}
  ));
  CAPTURE(name);
  const auto descriptors = count_descriptors();
  {
    const lying_codec failing{name};
    const auto time_limit = why == codec_loss::timeout ? 400ms : 10'000ms;
    const auto codec = start_codec(failing.program(), 1, time_limit).value();
    const auto refused = codec->sanitize(small_picture());
    REQUIRE_FALSE(refused);
    CHECK(
        refused.error()
        == failure{error_class::invalid_input, "the picture could not be decoded: " + text, {}}
    );
    CHECK(losses_of(codec->status(), why) == 2);
    CHECK(comes_true([&] { return codec->status().running == 2; }));
    CHECK(children().size() == 2);
  }
  CHECK(children().empty());
  CHECK(count_descriptors() == descriptors);
}

TEST_CASE("of a provider's picture it is no_image: the user is not to blame") {
  const lying_codec failing{"crashing"};
  const auto codec = start_codec(failing.program()).value();
  CHECK(
      codec->finish(small_picture(), image_format::jpeg, {}).error().kind == error_class::no_image
  );
}

TEST_CASE("a picture that has cost two processes costs no third") {
  const lying_codec failing{"crashing"};
  const auto codec = start_codec(failing.program()).value();
  const auto first = codec->prepare(small_picture()).error();
  const auto losses = codec->status().losses;
  CHECK(codec->prepare(share(byte_vector{*small_picture()})).error() == first);
  CHECK(codec->sanitize(small_picture()).error() == first);
  CHECK(codec->status().losses == losses);
  CHECK_FALSE(codec->prepare(share(make_picture({image_format::png, 40, 31}))));
  CHECK(codec->status().losses != losses);
}

TEST_CASE("bytes that are no picture do not reach a process") {
  const lying_codec failing{"crashing"};
  const auto codec = start_codec(failing.program()).value();
  CHECK(codec->sanitize(share(bytes_of("<html>"))).error().kind == error_class::invalid_input);
  CHECK(codec->sanitize(nullptr).error().kind == error_class::invalid_input);
  CHECK(codec->status().losses == codec_status{}.losses);
}

TEST_CASE("a codec that does not start says why") {
  const auto [name, reason] = GENERATE(table<std::string, std::string>(
      {{"unwilling", "it does not want to"}, {"stillborn", "the codec process has ended: crashed"}}
  ));
  const lying_codec failing{name};
  const auto started = start_codec(failing.program());
  REQUIRE_FALSE(started);
  CHECK(
      started.error()
      == failure{error_class::unavailable, "the image codec does not start: " + reason, {}}
  );
  CHECK(children().empty());
}

TEST_CASE("a codec whose program is missing does not start") {
  const auto started = start_codec("/nowhere/stayler-codec");
  REQUIRE_FALSE(started);
  CHECK_THAT(started.error().message, Catch::Contains("cannot run /nowhere/stayler-codec"));
}

TEST_CASE("an idle process that ends is replaced, and costs no picture a try") {
  const lying_codec honest{"honest"};
  const auto codec = start_codec(honest.program()).value();
  REQUIRE(comes_true([&] { return codec->status().running == 2; }));
  const auto old = children();
  for (const ::pid_t pid : old) {
    ::kill(pid, SIGKILL);
    REQUIRE(comes_true([&] { return state_of(pid).state == 'Z'; }));
  }
  CHECK(codec->sanitize(small_picture()));
  CHECK(codec->status().retried_calls == 0);
  CHECK(losses_of(codec->status(), codec_loss::killed) == 2);
  CHECK(comes_true([&] {
    const auto now = children();
    return now.size() == 2
           && std::ranges::none_of(now, [&](::pid_t pid) { return old.contains(pid); });
  }));
}

TEST_CASE("a process is replaced after so many calls") {
  const lying_codec honest{"honest"};
  adapters::process_image_codec_options options;
  options.program = honest.program();
  options.processes = 1;
  options.max_calls = 5;
  const auto codec = adapters::make_process_image_codec(options).value();
  for (int i = 0; i < 10; ++i) {
    REQUIRE(codec->sanitize(small_picture()));
  }
  CHECK(codec->status().recycled == 2);
  CHECK(comes_true([&] { return children().size() == 2; }));
}

TEST_CASE("a process has two variables, four descriptors and nothing of the service") {
  ::setenv("STAYLER_TEST_SECRET", "correct horse battery staple", 1);
  const lying_codec honest{"honest"};
  const auto codec = start_codec(honest.program()).value();
  REQUIRE(codec->sanitize(small_picture()));
  for (const ::pid_t pid : children()) {
    const auto folder = std::filesystem::path{"/proc"} / std::to_string(pid);
    std::ifstream file{folder / "environ"};
    const std::string environment{std::istreambuf_iterator<char>{file}, {}};
    CHECK(environment == std::string{"MALLOC_ARENA_MAX=1\0OMP_NUM_THREADS=1\0", 37});
    std::set<std::string> descriptors;
    for (const auto& entry : std::filesystem::directory_iterator{folder / "fd"}) {
      descriptors.insert(entry.path().filename());
    }
    CHECK(descriptors == std::set<std::string>{"0", "1", "2", "3"});
  }
  ::unsetenv("STAYLER_TEST_SECRET");
}

TEST_CASE("the processes outlive the thread that has made the codec") {
  const lying_codec honest{"honest"};
  std::unique_ptr<adapters::image_codec> codec;
  std::thread{[&] { codec = start_codec(honest.program()).value(); }}.join();
  REQUIRE(comes_true([&] { return codec->status().running == 2; }));
  const auto before = children();
  for (int i = 0; i < 5; ++i) {
    std::thread{[&] { CHECK(codec->sanitize(small_picture())); }}.join();
  }
  CHECK(children() == before);
}
