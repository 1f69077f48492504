// SPDX-License-Identifier: MIT

// Proves that pictures are decoded by processes that may be killed at any time, with stayler-codec
// as it is delivered.

#include "tests/integration/images/codec_processes/processes.hpp"

#include <algorithm>
#include <csignal>
#include <future>
#include <map>
#include <sstream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// Takes the codec some tenths of a second.
const shared_bytes& large_picture() {
  static const shared_bytes picture = share(make_picture({image_format::png, 2'400, 1'600}));
  return picture;
}

image_operation shrink() {
  image_operation resize;
  resize.what = image_operation::kind::resize;
  resize.width = 600;
  return resize;
}

/// Waits until one of the processes has begun to work.
::pid_t await_worker(const std::set<::pid_t>& idle, const std::map<::pid_t, long>& before) {
  ::pid_t found = 0;
  REQUIRE(comes_true([&] {
    for (const ::pid_t pid : idle) {
      if (state_of(pid).cpu_ticks > before.at(pid)) {
        found = pid;
      }
    }
    return found != 0;
  }));
  return found;
}

}  // namespace

TEST_CASE("each function of the codec is there") {
  const auto codec = start_codec(STAYLER_CODEC).value();
  const auto jpeg = share(make_picture({image_format::jpeg, 400, 300}));

  const auto sanitized = codec->sanitize(jpeg).value();
  CHECK(sanitized.content.picture.info == image_info{image_format::jpeg, 400, 300});
  CHECK(colour_name_at(*sanitized.content.thumbnail.bytes, 10, 10) == "red");

  const auto prepared = codec->prepare(jpeg).value();
  CHECK(prepared.picture.info == image_info{image_format::jpeg, 400, 300});
  CHECK(prepared.signature != image_signature{});

  const auto same = codec->finish(jpeg, image_format::png, {prepared.signature});
  CHECK(same.error().kind == error_class::no_image);
  const auto finished = codec->finish(jpeg, image_format::png, {}).value();
  CHECK(finished.picture.info == image_info{image_format::png, 400, 300});

  const auto smaller = codec->transform(share(make_picture({})), {shrink()}).value();
  CHECK(smaller.picture.info == image_info{image_format::jpeg, 64, 48});
  CHECK(codec->status().losses == codec_status{}.losses);
}

TEST_CASE("no picture makes a process do what its filter does not allow") {
  adapters::process_image_codec_options options;
  options.program = STAYLER_CODEC;
  options.sandbox = adapters::sandbox_mode::trap;
  const auto codec = adapters::make_process_image_codec(options).value();
  const auto format = GENERATE(image_format::jpeg, image_format::png, image_format::webp);
  for (const auto& kind : std::vector<picture_kind>{
           {format, 640, 480},
           {format, 640, 480, true},
           {format, 640, 480, false, format == image_format::jpeg},
           {format, 640, 480, false, false, true},
           {format, 640, 480, false, false, false, format == image_format::png},
           {format, 2'600, 40, false, false, false, false, format != image_format::webp}}) {
    const auto picture = share(make_picture(kind));
    CHECK(codec->prepare(picture));
    CHECK(codec->sanitize(picture));
    for (const auto wanted : {image_format::jpeg, image_format::png, image_format::webp}) {
      image_operation convert;
      convert.what = image_operation::kind::convert;
      convert.format = wanted;
      const auto made = codec->transform(picture, {shrink(), convert});
      CAPTURE(wanted, made ? "" : made.error().message);
      CHECK(made);
    }
  }
  const auto damaged = share(first_part(make_picture({format, 640, 480}), 600));
  CHECK_FALSE(codec->prepare(damaged));
  CHECK(codec->status().losses == codec_status{}.losses);
}

TEST_CASE("a call whose process is killed in the middle of it is completed by another") {
  const auto [signal, why] = GENERATE(table<int, codec_loss>(
      {{SIGSEGV, codec_loss::crashed},
       {SIGKILL, codec_loss::killed},
       {SIGSTOP, codec_loss::timeout}}
  ));
  CAPTURE(signal);
  const auto descriptors = count_descriptors();
  {
    const auto& picture = large_picture();
    const auto codec = start_codec(STAYLER_CODEC, 1, signal == SIGSTOP ? 10s : 60s).value();
    REQUIRE(comes_true([&] { return codec->status().running == 2; }));
    const auto idle = children();
    std::map<::pid_t, long> before;
    for (const ::pid_t pid : idle) {
      before[pid] = state_of(pid).cpu_ticks;
    }
    auto made =
        std::async(std::launch::async, [&] { return codec->transform(picture, {shrink()}); });
    const ::pid_t victim = await_worker(idle, before);
    REQUIRE(::kill(victim, signal) == 0);
    const auto finished = made.get();
    REQUIRE(finished);
    CHECK(finished->picture.info == image_info{image_format::png, 600, 400});
    CHECK(losses_of(codec->status(), why) == 1);
    CHECK(codec->status().retried_calls == 1);
    CHECK(comes_true([&] { return children().size() == 2 && !children().contains(victim); }));
  }
  CHECK(children().empty());
  CHECK(count_descriptors() == descriptors);
}

TEST_CASE("a picture is not to blame where all processes are killed at the same time") {
  const auto picture = share(make_picture({image_format::jpeg, 300, 200}));
  const auto codec = start_codec(STAYLER_CODEC, 1).value();
  REQUIRE(comes_true([&] { return codec->status().running == 2; }));
  // Stopped, one takes the call and does not answer it.
  const auto all = children();
  for (const ::pid_t pid : all) {
    ::kill(pid, SIGSTOP);
  }
  auto made = std::async(std::launch::async, [&] { return codec->prepare(picture); });
  for (const ::pid_t pid : all) {
    ::kill(pid, SIGKILL);
  }
  CHECK(made.get());
}

TEST_CASE("several threads have pictures decoded at the same time") {
  const auto codec = start_codec(STAYLER_CODEC, 2).value();
  const auto picture = share(make_picture({image_format::jpeg, 300, 200}));
  std::vector<std::future<bool>> calls;
  for (int i = 0; i < 6; ++i) {
    calls.push_back(std::async(std::launch::async, [&] {
      bool all_well = true;
      for (int j = 0; j < 10; ++j) {
        all_well = all_well && codec->prepare(picture).has_value();
      }
      return all_well;
    }));
  }
  for (auto& call : calls) {
    CHECK(call.get());
  }
  CHECK(codec->status().losses == codec_status{}.losses);
}

TEST_CASE("the processes go with the service, however it ends") {
  child_process service{[](int output) {
    const auto codec = start_codec(STAYLER_CODEC).value();
    comes_true([&] { return codec->status().running == 2; });
    for (const ::pid_t pid : children()) {
      const std::string line = std::to_string(pid) + " ";
      [[maybe_unused]] const auto written = ::write(output, line.data(), line.size());
    }
    [[maybe_unused]] const auto ready = ::write(output, "\n", 1);
    ::pause();
  }};
  std::string line;
  while (line.empty() || line.back() != '\n') {
    const auto next = service.read(1);
    REQUIRE_FALSE(next.empty());
    line += next;
  }
  std::istringstream words{line};
  const std::vector<::pid_t> pids{std::istream_iterator<::pid_t>{words}, {}};
  REQUIRE(pids.size() == 2);
  service.kill();
  const auto killed = std::chrono::steady_clock::now();
  CHECK(comes_true([&] {
    return std::ranges::all_of(pids, [](::pid_t pid) {
      const char state = state_of(pid).state;
      return state == 'X' || state == 'Z';
    });
  }));
  CHECK(std::chrono::steady_clock::now() - killed < 1s);
}
