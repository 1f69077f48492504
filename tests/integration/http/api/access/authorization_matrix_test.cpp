// SPDX-License-Identifier: MIT

// Who may do what: each route, asked by each kind of caller, about their own things and others'.

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/contract/contract_file.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::test;

namespace {

/// In the order of the columns below: "1" is for the users u1 and u2.
constexpr std::array<std::string_view, 7> callers{"",          "guess",      "viewer", "viewer1",
                                                  "submitter", "submitter1", "admin"};

std::string keys_of_callers() {
  const auto entry = [](std::string_view name, std::string_view role, std::string_view users) {
    const auto hash = adapters::sha256_hex(std::as_bytes(std::span{name}));
    return std::string{name} + ":" + std::string{role} + ":" + hash + std::string{users};
  };
  return entry("viewer", "viewer", "") + "," + entry("viewer1", "viewer", ":u1+u2") + ","
         + entry("submitter", "submitter", "") + "," + entry("submitter1", "submitter", ":u1+u2")
         + "," + entry("admin", "admin", "");
}

/// {job} and {image} stand for a new one of the user in `of`, {vendor} for a vendor's image.
struct matrix_row {
  std::string_view method;
  std::string_view path;
  std::string_view body;
  std::string_view of;

  /// A letter for each caller. u: 401, f: 403, n: 404, y: anything else; -: not asked, because the
  /// answer is a stream.
  std::string_view expected;
};

constexpr std::string_view all = "yyyyyyy";
constexpr std::string_view keys = "uuyyyyy";
constexpr std::string_view keys_for_all_users = "uuyfyfy";
constexpr std::string_view submitters = "uuffyyy";
constexpr std::string_view submitters_for_all_users = "uuffyfy";
constexpr std::string_view admins = "uuffffy";
constexpr std::string_view hidden_from_others = "uuynyny";
constexpr std::string_view submitters_hidden_from_others = "uuffyny";

constexpr std::string_view job_of_user =
    R"({"type":"image_conversion","conversionId":"{new}","userId":"{of}","payload":{"userImageId":"{image}","clothImageId":"{image}"}})";

constexpr std::string_view hooked_job_of_user =
    R"({"type":"image_conversion","conversionId":"{new}","userId":"{of}","webhookUrl":"https://hooks.example.com/a","payload":{"userImageId":"{image}","clothImageId":"{image}"}})";

constexpr std::string_view bulk_retry_of_user =
    R"({"action":"retry","dryRun":true,"filter":{"userId":"{of}"}})";

constexpr std::string_view bulk_drop_of_user =
    R"({"action":"drop","dryRun":true,"filter":{"userId":"{of}"}})";

constexpr std::array matrix{
    matrix_row{"GET", "/", "", "", all},
    matrix_row{"GET", "/ui", "", "", all},
    matrix_row{"GET", "/ui/", "", "", all},
    matrix_row{"GET", "/ui/now", "", "", all},
    matrix_row{"GET", "/ui/jobs/1", "", "", all},
    matrix_row{"GET", "/ui/files/none.js", "", "", "nnnnnnn"},
    matrix_row{"GET", "/ui/a/b", "", "", "nnnnnnn"},
    matrix_row{"GET", "/health", "", "", all},
    matrix_row{"GET", "/health/live", "", "", all},
    matrix_row{"GET", "/health/ready", "", "", all},
    matrix_row{"GET", "/health/started", "", "", all},
    matrix_row{"GET", "/worker/session", "", "", all},
    matrix_row{"POST", "/worker/session", "", "", keys},
    matrix_row{"DELETE", "/worker/session", "", "", keys},
    matrix_row{"GET", "/openapi.yaml", "", "", all},
    matrix_row{"GET", "/worker/health", "", "", keys},
    matrix_row{"GET", "/worker/status", "", "", keys},
    matrix_row{"GET", "/worker/stats", "", "", keys},
    matrix_row{"GET", "/worker/workers", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/overview", "", "", keys},
    matrix_row{"GET", "/worker/tree", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/provider", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/costs", "", "", keys_for_all_users},
    matrix_row{"GET", "/metrics", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/config", "", "", admins},
    matrix_row{"GET", "/worker/config/schema", "", "", admins},
    matrix_row{"PUT", "/worker/config", "{}", "", admins},
    matrix_row{"PUT", "/worker/config?dryRun=true", "{}", "", admins},
    matrix_row{"POST", "/worker/start", "", "", admins},
    matrix_row{"POST", "/worker/stop", "", "", admins},
    matrix_row{"POST", "/worker/types/image_conversion/pause", "", "", admins},
    matrix_row{"POST", "/worker/types/image_conversion/resume", "", "", admins},
    matrix_row{"POST", "/worker/chaos/fault", "{}", "", admins},
    matrix_row{"GET", "/worker/jobs", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/jobs?userId=u1", "", "", keys},
    matrix_row{"GET", "/worker/jobs?userId=u9", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/dead-letters", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/dead-letters?userId=u1", "", "", keys},
    matrix_row{"GET", "/worker/dead-letters/groups", "", "", keys_for_all_users},
    matrix_row{"GET", "/worker/dead-letters/groups?userId=u1", "", "", keys},
    matrix_row{"POST", "/worker/jobs/bulk", bulk_retry_of_user, "u1", submitters},
    matrix_row{"POST", "/worker/jobs/bulk", bulk_retry_of_user, "u9", submitters_for_all_users},
    matrix_row{"POST", "/worker/jobs/bulk", bulk_drop_of_user, "u1", admins},
    matrix_row{"GET", "/worker/operations", "", "", keys},
    matrix_row{"GET", "/worker/operations/none", "", "", "uunnnnn"},
    matrix_row{"DELETE", "/worker/operations/none", "", "", "uuffnnn"},
    matrix_row{"GET", "/worker/jobs/{job}", "", "u1", keys},
    matrix_row{"GET", "/worker/jobs/{job}", "", "u9", hidden_from_others},
    matrix_row{"GET", "/worker/jobs/{job}/events", "", "u9", "uu-n-n-"},
    matrix_row{"GET", "/worker/events", "", "", "uu-f-f-"},
    matrix_row{"POST", "/worker/events/tickets", "", "", keys_for_all_users},
    matrix_row{"POST", "/worker/events/tickets", R"({"jobId":"{job}"})", "u1", keys},
    matrix_row{"POST", "/worker/events/tickets", R"({"jobId":"{job}"})", "u9", hidden_from_others},
    matrix_row{"POST", "/worker/jobs", job_of_user, "u1", submitters},
    matrix_row{"POST", "/worker/jobs", job_of_user, "u9", submitters_for_all_users},
    matrix_row{"POST", "/worker/jobs", hooked_job_of_user, "u1", admins},
    matrix_row{"POST", "/worker/jobs/batch", R"({"jobs":[]})", "", submitters},
    matrix_row{"POST", "/worker/jobs/{job}/process", "", "u1", submitters},
    matrix_row{"POST", "/worker/jobs/{job}/process", "", "u9", submitters_hidden_from_others},
    matrix_row{"POST", "/worker/jobs/{job}/retry", "", "u1", submitters},
    matrix_row{"POST", "/worker/jobs/{job}/retry", "", "u9", submitters_hidden_from_others},
    matrix_row{"POST", "/worker/jobs/{job}/rerun", "", "u1", submitters},
    matrix_row{"POST", "/worker/jobs/{job}/rerun", "", "u9", submitters_hidden_from_others},
    matrix_row{"DELETE", "/worker/jobs/{job}", "", "u1", submitters},
    matrix_row{"DELETE", "/worker/jobs/{job}", "", "u9", submitters_hidden_from_others},
    matrix_row{"POST", "/worker/dead-letters/retry", R"({"userId":"u1"})", "", submitters},
    matrix_row{"POST", "/worker/dead-letters/retry", "{}", "", submitters_for_all_users},
    matrix_row{"DELETE", "/worker/dead-letters/{job}", "", "u1", admins},
    matrix_row{"GET", "/worker/audit", "", "", admins},
    matrix_row{"GET", "/users/u1/data", "", "", "uufyfyy"},
    matrix_row{"GET", "/users/u9/data", "", "", admins},
    matrix_row{"DELETE", "/users/u1/data", "", "", "uufffyy"},
    matrix_row{"DELETE", "/users/u9/data", "", "", admins},
    matrix_row{"GET", "/worker/erasures/01936d4e-0000-7000-8000-000000000001", "", "", "uunnnnn"},
    matrix_row{"GET", "/worker/notifications", "", "", admins},
    matrix_row{"POST", "/worker/notifications/e1/redeliver", "", "", admins},
    matrix_row{"POST", "/worker/notifications/redeliver", "", "", admins},
    matrix_row{"POST", "/images?userId=u1", "{png}", "", submitters},
    matrix_row{"POST", "/images?userId=u9", "{png}", "", submitters_for_all_users},
    matrix_row{"POST", "/images?userId=u1&type=vendor", "{png}", "", submitters_for_all_users},
    matrix_row{"GET", "/images/{image}", "", "u1", keys},
    matrix_row{"GET", "/images/{image}", "", "u9", hidden_from_others},
    matrix_row{"GET", "/images/{vendor}", "", "u9", keys},
    matrix_row{"GET", "/images/{vendor}/thumbnail", "", "u9", keys},
    matrix_row{"POST", "/images/{image}/links", "", "u1", keys},
    matrix_row{"POST", "/images/{image}/links", "", "u9", hidden_from_others},
    matrix_row{"POST", "/images/{vendor}/links", "", "u9", keys},
    matrix_row{"DELETE", "/images/{image}", "", "u1", submitters},
    matrix_row{"DELETE", "/images/{image}", "", "u9", submitters_hidden_from_others},
    matrix_row{"DELETE", "/images/{vendor}", "", "u9", submitters_hidden_from_others},
    matrix_row{"GET", "/nowhere", "", "", "uunnnnn"},
};

std::string header_of_key(std::string_view key) {
  return key.empty() ? "" : "X-API-Key: " + std::string{key} + "\r\n";
}

void fill_in(std::string& text, std::string_view place, std::string_view value) {
  for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at)) {
    text.replace(at, place.size(), value);
  }
}

/// The requests of a row, each with things of its own.
class matrix_asker {
 public:
  explicit matrix_asker(service& running) : running_(running) {}

  raw_answer ask(const matrix_row& row, std::string_view key) {
    const std::string of{row.of};
    return send(row, key, [&](std::string& text) {
      if (text.find("{job}") != std::string::npos) {
        fill_in(text, "{job}", new_job(of));
      }
      if (text.find("{image}") != std::string::npos) {
        fill_in(text, "{image}", new_image(of, ""));
      }
      if (text.find("{vendor}") != std::string::npos) {
        fill_in(text, "{vendor}", new_image(of, "&type=vendor"));
      }
    });
  }

  /// The same request about what is not there.
  raw_answer ask_for_nothing(const matrix_row& row, std::string_view key) {
    return send(row, key, [](std::string& text) {
      for (const std::string_view place : {"{job}", "{image}", "{vendor}"}) {
        fill_in(text, place, "01936d4e-0000-7000-8000-000000000001");
      }
    });
  }

 private:
  template <class FillIn>
  raw_answer send(const matrix_row& row, std::string_view key, FillIn fill_in_things) {
    std::string path{row.path};
    std::string body{row.body};
    fill_in_things(path);
    fill_in_things(body);
    fill_in(body, "{png}", png);
    fill_in(body, "{of}", row.of);
    fill_in(body, "{new}", "m-" + std::to_string(++last_number_));
    return running_.ask(std::string{row.method}, path, body, header_of_key(key));
  }

  std::string new_image(const std::string& user, const std::string& more) {
    const auto answer =
        running_.ask("POST", "/images?userId=" + user + more, png, header_of_key("admin"));
    REQUIRE(answer.status == 201);
    return answer.headers.at("location").substr(std::strlen("/images/"));
  }

  std::string new_job(const std::string& user) {
    const auto image = new_image(user, "");
    const auto answer = running_.ask(
        "POST", "/worker/jobs",
        conversion(image, image, user, "j-" + std::to_string(++last_number_)),
        header_of_key("admin")
    );
    REQUIRE(answer.status == 201);
    return text_at(json_of(answer), "id");
  }

  service& running_;
  int last_number_ = 0;
};

char letter_of(unsigned status) {
  return status == 401 ? 'u' : status == 403 ? 'f' : status == 404 ? 'n' : 'y';
}

constexpr std::array<std::string_view, 4> roles{"none", "viewer", "submitter", "admin"};

/// What the contract says of a caller. u: 401, f: 403, y: neither; ?: that depends on whose things
/// are asked about.
char letter_by_contract(const contract_operation& operation, std::string_view caller) {
  if (operation.role == "none") {
    return 'y';
  }
  if (caller.empty() || caller == "guess") {
    return 'u';
  }
  const bool is_for_some_users = caller.ends_with('1');
  const auto role = is_for_some_users ? caller.substr(0, caller.size() - 1) : caller;
  if (std::ranges::find(roles, role) < std::ranges::find(roles, operation.role)
      || (is_for_some_users && operation.users == "all")) {
    return 'f';
  }
  if (operation.users == "named") {
    return is_for_some_users ? '?' : role == "admin" ? 'y' : 'f';
  }
  return is_for_some_users && operation.users == "own" ? '?' : 'y';
}

/// A request of that route whose answer ends, about a thing that is not there.
std::string path_of_nothing(std::string path) {
  const bool is_of_type = path.starts_with("/worker/types/");
  fill_in(path, "{id}", is_of_type ? "image_conversion" : "01936d4e-0000-7000-8000-000000000001");
  return path == "/worker/events" ? path + "?status=none" : path;
}

bool is_of_route(std::string_view path, std::string_view route) {
  constexpr std::string_view id = "{id}";
  path = path.substr(0, path.find('?'));
  const auto at = route.find(id);
  if (at == std::string_view::npos) {
    return path == route;
  }
  const auto before = route.substr(0, at);
  const auto after = route.substr(at + id.size());
  return path.size() > before.size() + after.size() && path.starts_with(before)
         && path.ends_with(after)
         && path.substr(at, path.size() - before.size() - after.size()).find('/')
                == std::string_view::npos;
}

}  // namespace

TEST_CASE("each route is open to those whom it is for, and to nobody else", "[api_matrix]") {
  service running{true, keys_of_callers()};
  matrix_asker asker{running};
  for (const matrix_row& row : matrix) {
    std::string got;
    for (std::size_t i = 0; i < callers.size(); ++i) {
      got += row.expected[i] == '-' ? '-' : letter_of(asker.ask(row, callers[i]).status);
    }
    INFO(row.method << ' ' << row.path << ' ' << row.body << " of " << row.of);
    CHECK(got == row.expected);
  }
}

TEST_CASE("each operation of the contract is open to its role, and to no less", "[api_matrix]") {
  service running{true, keys_of_callers()};
  for (const auto& operation : contract_operations()) {
    for (const auto caller : callers) {
      INFO(operation.method << ' ' << operation.route << " by " << caller);
      const auto path = path_of_nothing(operation.route);
      const char got =
          letter_of(running.ask(operation.method, path, "", header_of_key(caller)).status);
      const char expected = letter_by_contract(operation, caller);
      if (expected == '?') {
        CHECK(got != 'u');
      } else {
        CHECK((got == 'n' ? 'y' : got) == expected);
      }
    }
  }
}

TEST_CASE("the matrix has a row for each operation of the contract", "[api_matrix]") {
  for (const auto& operation : contract_operations()) {
    INFO(operation.method << ' ' << operation.route);
    CHECK(std::ranges::any_of(matrix, [&](const matrix_row& row) {
      return row.method == operation.method && is_of_route(row.path, operation.route);
    }));
  }
}

TEST_CASE("what is another's is answered like what is not there", "[api_matrix]") {
  service running{true, keys_of_callers()};
  matrix_asker asker{running};
  std::size_t compared = 0;
  for (const matrix_row& row : matrix) {
    for (std::size_t i = 0; i < callers.size(); ++i) {
      if (row.of != "u9" || row.expected[i] != 'n') {
        continue;
      }
      INFO(row.method << ' ' << row.path << ' ' << row.body << " by " << callers[i]);
      const auto others = asker.ask(row, callers[i]);
      const auto nobodys = asker.ask_for_nothing(row, callers[i]);
      CHECK(others.status == nobodys.status);
      CHECK(others.body == nobodys.body);
      ++compared;
    }
  }
  CHECK(compared > 10);
}
