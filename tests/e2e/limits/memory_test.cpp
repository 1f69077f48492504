// SPDX-License-Identifier: MIT
// Slow heads, slow readers and slow uploads: the memory stays bounded, and honest calls are
// answered meanwhile.
#include "tests/e2e/limits/http_flood.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/raw_http.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <thread>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t mebibyte = 1024UL * 1024;

/// AddressSanitizer keeps what has been freed for a while, up to 256 MiB of it.
#ifdef __SANITIZE_ADDRESS__
constexpr long kept_after_free_kib = 256 * 1024L;
#else
constexpr long kept_after_free_kib = 0;
#endif

/// A JPEG with comments until it has about that size.
std::string padded_photo(std::size_t bytes) {
  const std::string photo = read_file(std::filesystem::path{STAYLER_ASSETS} / "person.jpg");
  constexpr std::size_t comment_bytes = 65'533;
  std::string padded = photo.substr(0, 2);
  while (padded.size() + photo.size() + comment_bytes + 4 < bytes) {
    padded += "\xFF\xFE\xFF\xFF" + std::string(comment_bytes, 'c');
  }
  return padded + photo.substr(2);
}

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

/// The most memory that the process has had in RAM at a time.
long peak_kib(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) {
      return std::stol(line.substr(6));
    }
  }
  return -1;
}

/// An image whose stored bytes are that many: its blob is replaced, for stored pictures are small.
std::string large_image(const service_stack& stack, std::size_t bytes) {
  const auto id = stack.upload(read_file(std::filesystem::path{STAYLER_ASSETS} / "person.jpg"));
  const auto blob = stack.folder() / "data" / "blobs" / "images" / (id + ".jpg");
  REQUIRE(std::filesystem::exists(blob));
  std::filesystem::resize_file(blob, bytes);
  return "/images/" + id;
}

/// For jobs that only wait: what is looked at are the calls.
std::string tomorrow() {
  return to_rfc3339(to_timestamp(std::chrono::system_clock::now() + 24h));
}

/// Somebody who asks politely, again and again, and looks at the clock.
class honest_caller {
 public:
  /// `next_job` makes the body of the next submission.
  honest_caller(std::uint16_t port, std::string job, std::function<std::string()> next_job)
      : port_(port), job_(std::move(job)), next_job_(std::move(next_job)) {}

  void run_until(const std::function<bool()>& is_over) {
    raw_connection connection{port_, "127.0.0.99"};
    for (bool looks = true; !is_over(); looks = !looks) {
      const std::string submission = next_job_();
      const auto begun = std::chrono::steady_clock::now();
      if (looks) {
        connection.send("GET " + job_ + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      } else {
        connection.send(
            "POST /worker/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: "
            + std::to_string(submission.size()) + "\r\n\r\n" + submission
        );
      }
      failed_ += connection.read_answer().status / 100 == 2 ? 0U : 1U;
      took_.push_back(std::chrono::steady_clock::now() - begun);
      std::this_thread::sleep_for(10ms);
    }
  }

  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] std::size_t calls() const { return took_.size(); }
  [[nodiscard]] double quantile_ms(double share) {
    REQUIRE_FALSE(took_.empty());
    std::ranges::sort(took_);
    const auto place = static_cast<std::size_t>(share * static_cast<double>(took_.size() - 1));
    return std::chrono::duration<double, std::milli>{took_[place]}.count();
  }

 private:
  std::uint16_t port_;
  std::string job_;
  std::function<std::string()> next_job_;
  std::size_t failed_ = 0;
  std::vector<std::chrono::steady_clock::duration> took_;
};

struct flood_case {
  flood_size size;
  std::size_t upload_bytes = 8 * mebibyte;
  std::size_t memory = 64 * mebibyte;
  std::chrono::milliseconds limit{60'000};
};

void check_flood(const flood_case& wanted) {
  service_stack stack{
      {{"WORKER_HTTP_MEMORY", std::to_string(wanted.memory)}, {"WORKER_LOG_LEVEL", "warn"}}};
  const auto image = large_image(stack, 20 * mebibyte);
  const auto job = "/worker/jobs/" + stack.submit();
  const auto picture = padded_photo(wanted.upload_bytes);
  stack.wait_for_quiet(30s);
  const long before = peak_kib(stack.worker().pid());

  const auto port = port_of(stack.worker().url());
  const auto next_job = [&] {
    return stack.job_body({"", "ann", "", R"(,"runAt":")" + tomorrow() + '"'});
  };
  // What the machine has to do besides shows here, too.
  honest_caller alone{port, job, next_job};
  alone.run_until([&] { return alone.calls() == 100; });
  honest_caller caller{port, job, next_job};
  std::atomic<bool> is_over = false;
  std::thread calling{[&] { caller.run_until([&] { return is_over.load(); }); }};
  http_flood flood{port, wanted.size, image, picture};
  flood.run_for(wanted.limit);
  is_over = true;
  calling.join();

  const long after = peak_kib(stack.worker().pid());
  const auto resident = stack.worker().resident_kib();
  std::cout << "flood: " << wanted.size.trickling_heads << " slow heads, "
            << wanted.size.slow_readers << " slow readers, " << wanted.size.uploads
            << " uploads of " << picture.size() << " bytes; memory for HTTP "
            << wanted.memory / 1024 << " KiB; peak " << before << " -> " << after << " KiB, now "
            << resident << " KiB; without it calls take p50 " << alone.quantile_ms(0.5)
            << " ms, p99 " << alone.quantile_ms(0.99) << " ms; " << caller.calls()
            << " honest calls, p50 " << caller.quantile_ms(0.5) << " ms, p99 "
            << caller.quantile_ms(0.99) << " ms, longest " << caller.quantile_ms(1) << " ms; read "
            << flood.bytes_read() / mebibyte << " MiB;";
  for (const auto& [status, count] : flood.statuses()) {
    std::cout << ' ' << count << " uploads got " << status << ';';
  }
  std::cout << std::endl;

  CHECK(flood.has_answers());
  for (const auto& [status, count] : flood.statuses()) {
    INFO(status << " for " << count);
    CHECK((status == 201 || status == 503));
  }
  CHECK(flood.statuses().count(201) == 1);
  CHECK(caller.failed() == 0);
  CHECK(caller.quantile_ms(0.99) < 5'000);
  // Besides the counted bytes: buffers of connections, and pictures on their way to the store.
  const auto spare =
      64 * 1024L + static_cast<long>(wanted.size.trickling_heads) * 16 + 2 * kept_after_free_kib;
  CHECK(after - before < static_cast<long>(wanted.memory / 1024) + spare);
}

}  // namespace

TEST_CASE("slow clients take no more memory than they may, and hold up nobody") {
  check_flood({});
}

// Takes four minutes; by hand: e2e_test "[full_flood]".
TEST_CASE("a flood of slow clients takes no more memory than it may", "[.][full_flood]") {
  check_flood({{1'000, 200, 200, 100e3}, 20'000'000, 256 * mebibyte, 400s});
}
