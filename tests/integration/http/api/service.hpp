// SPDX-License-Identifier: MIT
#pragma once

// The API over real HTTP with fake actors behind it, and how its answers are read.

#include "adapters/audit/audit_trail.hpp"
#include "adapters/event_feed/event_feed.hpp"
#include "adapters/json/json_reader.hpp"
#include "http/api/router.hpp"
#include "http/server/memory/http_memory.hpp"
#include "tests/support/event_follower.hpp"
#include "tests/support/raw_http.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

/// A picture that the fake image processor takes for a PNG.
inline constexpr std::string_view png = "\x89PNG\r\n\x1A\n0123456789";

/// The fakes in an actor system, the API in front of them, and a client.
class service {
 public:
  /// `has_parts`: false for a service that is still starting. `keys`: as in WORKER_API_KEYS.
  /// `origins`: whose pages may call.
  explicit service(
      bool has_parts = true,
      const std::string& keys = "",
      const std::vector<std::string>& origins = {}
  );
  ~service();
  service(const service&) = delete;
  service& operator=(const service&) = delete;

  raw_answer ask(
      const std::string& method,
      const std::string& path,
      std::string_view body = "",
      const std::string& headers = ""
  );
  raw_answer post_json(const std::string& path, std::string_view body);

  /// The overview as soon as the queue has said how it stands.
  adapters::json_value await_overview(const std::string& headers = "");

  /// At the port for probes.
  raw_answer ask_health(const std::string& path);

  [[nodiscard]] std::uint16_t port() const;

  /// Ends the API; nothing more can be asked of it.
  void stop();

  /// From now on these keys count, as in WORKER_API_KEYS, of a service that has some.
  void replace_keys(const std::string& keys);

  /// Every route of the API.
  [[nodiscard]] std::vector<http::route_name> routes() const;

  /// A follower of that path's events.
  [[nodiscard]] event_follower follow(const std::string& path, const std::string& last = "");

  [[nodiscard]] adapters::event_feed& events();

  [[nodiscard]] http::http_memory& memory();

  /// The audit records since the last call of this.
  [[nodiscard]] std::vector<adapters::audit_record> audited();

  /// The id of a picture that has been stored.
  std::string stored_picture();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

adapters::json_value json_of(const raw_answer& answer);

/// The member of that name, which has to be a text.
std::string text_at(const adapters::json_value& from, std::string_view name);

/// Checks that the answer is a problem of that class and status.
adapters::json_value problem_of(const raw_answer& answer, unsigned status, std::string_view kind);

/// The fields that a problem names.
std::vector<std::string> fields_of(const adapters::json_value& problem);

/// The body of a request for a conversion.
std::string conversion(
    const std::string& user_image,
    const std::string& cloth_image,
    const std::string& user = "u1",
    const std::string& id = "c1"
);

}  // namespace stayler::test
