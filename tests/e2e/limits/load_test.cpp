// SPDX-License-Identifier: MIT
// Many jobs with pictures of all sizes and a provider that often fails: all end well, and every
// figure adds up.
#include "tests/e2e/support/service_stack.hpp"

#include <filesystem>
#include <set>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t load_size = 200;

struct photo_pair {
  std::string person;
  std::string garment;
};

/// Pictures from a thumbnail to eight megapixels, in the three formats.
std::vector<photo_pair> upload_mixed_sizes(const service_stack& stack) {
  const std::vector<picture_kind> kinds{
      {image_format::jpeg, 64, 64},       {image_format::png, 300, 500},
      {image_format::webp, 800, 600},     {image_format::jpeg, 1'600, 1'200},
      {image_format::jpeg, 3'264, 2'448},
  };
  const auto sample = bytes_of(read_file(std::filesystem::path{STAYLER_ASSETS} / "garment.png"));
  std::vector<photo_pair> pairs;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto person = make_picture(kinds[i]);
    // A real garment: of a person's own quarters the provider would give back the person.
    const picture_kind& kind = kinds[(i + 2) % (kinds.size() - 1)];
    const auto garment = encoded_anew(sample, kind.format, kind.width, kind.height, 90);
    pairs.push_back({stack.upload(as_text(person)), stack.upload(as_text(garment))});
  }
  return pairs;
}

std::string body_of(std::size_t number, const photo_pair& photos) {
  return R"({"type":"image_conversion","conversionId":"load-)" + std::to_string(number)
         + R"(","userId":"user-)" + std::to_string(number % 7) + R"(","payload":{"userImageId":")"
         + photos.person + R"(","clothImageId":")" + photos.garment
         + R"(","options":{"noCache":true}}})";
}

}  // namespace

TEST_CASE("200 jobs of mixed size complete while a tenth of the provider's answers fail") {
  service_stack stack{
      {{"WORKER_MAX_WORKERS", "8"}, {"RETRY_MAX_RETRIES", "10"}, {"WORKER_MAX_RETRIES", "10"}},
      {"--fault-rate", "0.1", "--fault-kinds", "429,500,503,reset,truncate,502-html", "--seed", "7",
       "--picture-size", "640"}};
  const auto pairs = upload_mixed_sizes(stack);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < load_size; ++i) {
    const auto answer = stack.call("POST", "/worker/jobs", body_of(i, pairs[i % pairs.size()]));
    REQUIRE(answer.status == 201);
    ids.insert(text_at(answer.json(), {"id"}));
  }
  REQUIRE(ids.size() == load_size);

  std::size_t attempts = 0;
  std::set<std::string> pictures;
  for (const auto& id : ids) {
    const auto job = stack.final_job(id, 120s);
    INFO(stack.get("/worker/jobs/" + id).body);
    REQUIRE(text_at(job, {"status"}) == "completed");
    pictures.insert(text_at(job, {"result", "imageId"}));
    attempts += at(job, {"attempts"}).as<adapters::json_value::array>()->size();
  }
  CHECK(pictures.size() == load_size);

  const auto requests = static_cast<double>(stack.sim_count({"generateCalls"}));
  const auto faults = attempts - load_size;
  CHECK(faults > 0);
  CHECK(requests == static_cast<double>(attempts));
  CHECK(stack.metric("worker_jobs_total") == load_size);
  CHECK(stack.metric("worker_jobs_completed") == load_size);
  CHECK(stack.metric("worker_jobs_failed") == 0);
  CHECK(stack.metric("worker_jobs_pending") == 0);
  CHECK(stack.metric("worker_jobs_processing") == 0);
  CHECK(stack.metric("worker_success_rate") == 1);
  CHECK(stack.metric("stayler_job_attempts_total") == requests);
  CHECK(stack.metric("stayler_job_attempts_total", R"(outcome="completed")") == load_size);
  CHECK(
      stack.metric("stayler_job_attempts_total", R"(outcome="retried")")
      == static_cast<double>(faults)
  );
  CHECK(stack.metric("stayler_gemini_requests_total") == requests);
  CHECK(stack.metric("stayler_gemini_requests_total", R"(error_class="none")") == load_size);
}
