// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

TEST_CASE("dead letters are listed, retried and dropped", "[api_dead_letters]") {
  service running;
  const auto image = running.stored_picture();
  const auto submitted = [&](const std::string& user) {
    const auto created = running.post_json("/worker/jobs", conversion(image, image, user));
    return text_at(json_of(created), "id");
  };
  const auto dead = submitted("dead");
  const auto alive = submitted("u1");
  const auto listed = [&](const std::string& query) {
    const auto json = json_of(running.ask("GET", "/worker/dead-letters" + query));
    return json.find("jobs")->as<json_value::array>()->size();
  };
  CHECK(listed("") == 1);
  CHECK(listed("?status=pending") == 1);
  CHECK(listed("?errorClass=no_image,connection") == 0);
  problem_of(running.ask("GET", "/worker/jobs?errorClass=nonsense"), 400, "invalid_input");

  CHECK(running.ask("POST", "/worker/jobs/" + dead + "/retry").status == 202);
  problem_of(running.ask("POST", "/worker/jobs/" + alive + "/retry"), 409, "conflict");
  problem_of(running.ask("POST", "/worker/jobs/17/retry"), 404, "not_found");
  CHECK(running.ask("DELETE", "/worker/dead-letters/" + dead).status == 200);
  problem_of(running.ask("DELETE", "/worker/dead-letters/" + alive), 409, "conflict");

  const auto metrics = running.ask("GET", "/metrics").body;
  CHECK(metrics.find("POST /worker/jobs/{id}/retry 202\n") != std::string::npos);
  CHECK(metrics.find("DELETE /worker/dead-letters/{id} 200\n") != std::string::npos);
}

TEST_CASE("many dead letters are retried by filter", "[api_dead_letters]") {
  service running;
  const auto count_of = [&](std::string_view body) {
    const auto json = json_of(running.post_json("/worker/dead-letters/retry", body));
    CHECK(*json.find("refused")->as<std::int64_t>() == 2);
    return *json.find("retried")->as<std::int64_t>();
  };
  // The fake counts the classes, and each type as ten.
  CHECK(count_of("") == 0);
  CHECK(count_of("{}") == 0);
  CHECK(count_of(R"({"type":"image_processing","userId":"u","errorClass":"timeout"})") == 11);
  for (const auto* body :
       {R"({"errorClass":"x"})", R"({"type":"x"})", R"({"colour":"red"})", "["}) {
    INFO(body);
    problem_of(running.post_json("/worker/dead-letters/retry", body), 400, "invalid_input");
  }
}

TEST_CASE("processing a dead letter is refused with the way to retry it", "[api_dead_letters]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image, "dead"));
  const auto path = created.headers.at("location");
  const auto refused = problem_of(running.ask("POST", path + "/process"), 409, "conflict");
  CHECK(text_at(refused, "detail").find(path + "/retry") != std::string::npos);
  const auto other = running.post_json("/worker/jobs", conversion(image, image));
  const auto cancelled = other.headers.at("location");
  CHECK(running.ask("DELETE", cancelled).status == 200);
  const auto final = problem_of(running.ask("POST", cancelled + "/process"), 409, "conflict");
  CHECK(text_at(final, "detail").find("/retry") == std::string::npos);
}
