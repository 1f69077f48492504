// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/json/json_reader.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/profile/connection.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::cli {

struct api_request {
  std::string method = "GET";
  std::string path;  ///< with its query
  std::string body = {};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// It may be sent again although it changes something: it has an idempotency key.
  bool is_repeatable = false;
  /// It is no GET, and changes nothing all the same.
  bool is_harmless = false;
  bool takes_bytes = false;              ///< a good answer is no JSON: a picture
  std::chrono::milliseconds timeout{0};  ///< for the whole; 0: as usual
  /// Of an upload: how many bytes have left, and of how many.
  std::function<void(std::uint64_t, std::uint64_t)> on_sent = {};
  /// Takes the body of a good answer, which is a stream of events, as it comes; false ends the
  /// exchange. There is no time limit then, but 45 s of silence are too long.
  std::function<bool(std::string_view)> on_data = {};
  /// Of such a stream: asked now and then, also in silence; false ends the exchange. Where
  /// there was no answer yet, its status is 0.
  std::function<bool()> goes_on = {};
};

struct api_answer {
  std::uint32_t status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< empty where `on_data` has taken it
  std::chrono::milliseconds took{0};

  [[nodiscard]] bool is_good() const noexcept { return status >= 200 && status < 300; }
  [[nodiscard]] std::string header(std::string_view name) const;
  /// The body as JSON; null where it is none.
  [[nodiscard]] adapters::json_value json() const;
};

/// Calls one service, one call at a time (libcurl). What is unavailable for a moment is asked again
/// up to twice, where asking again does no harm.
class api_client {
 public:
  /// Told of each exchange: "GET /worker/jobs 200 in 12 ms".
  using reporter = std::function<void(const std::string&)>;

  explicit api_client(connection how, reporter report = {});
  ~api_client();
  api_client(const api_client&) = delete;
  api_client& operator=(const api_client&) = delete;

  /// An answer of whichever status. Throws command_error where there is none: unreachable,
  /// interrupted, or usage where the profile is read-only.
  api_answer send(const api_request& request);

  /// A good answer, which is JSON or empty. Throws command_error as well where it is another one,
  /// with `what_failed` ("cannot cancel 0198…") as its first line.
  api_answer ask(const api_request& request, const std::string& what_failed);

  /// The JSON of a good answer to a GET.
  adapters::json_value get(const std::string& path, const std::string& what_failed);

  /// What to say after an interruption: "the job goes on: stayler watch 0198…".
  void set_interruption_advice(std::string advice) { advice_ = std::move(advice); }

  /// The role that the command takes, for what is said after a 403.
  void set_needed_role(std::string role) { role_ = std::move(role); }

  /// No exchange lasts longer than until then; it ends with out_of_time. The first one counts.
  void set_deadline(std::chrono::steady_clock::time_point deadline) {
    deadline_ = std::min(deadline_, deadline);
  }

  [[nodiscard]] const connection& how() const noexcept { return how_; }

 private:
  struct transfer;

  api_answer send_once(const api_request& request);
  void prepare(transfer& into, const api_request& request);
  [[noreturn]] void give_up(int code, const transfer& from) const;
  [[nodiscard]] std::chrono::milliseconds pause_before_repeat(
      const api_request& request, const api_answer& answer, int tries
  ) const;
  [[nodiscard]] command_error refusal(const api_answer& answer, const std::string& what_failed)
      const;

  connection how_;
  reporter report_;
  std::string advice_;
  std::string role_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace stayler::cli
