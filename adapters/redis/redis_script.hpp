// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/redis_connection.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A Lua script on a server, and the connection to it: connected when it is first used and again
/// after it broke, loaded again where the server has forgotten it (restart, failover, SCRIPT
/// FLUSH).
class redis_script {
 public:
  redis_script(redis_options server, std::string_view lua)
      : server_(std::move(server)), lua_(lua) {}

  /// Connects now, so that what is wrong with the server shows. Also refuses (invalid_input) one
  /// that would throw keys away when its memory is full.
  void_result connect();

  /// Runs the script once for each list of arguments, in order, all in one pipeline. An answer may
  /// be an error of the server. A failure says that the connection broke: it is not known then
  /// which of the runs took place. For a moment after that, calls fail at once.
  result<std::vector<redis_reply>> run(
      std::string_view key, std::span<const std::vector<std::string>> argument_lists
  );

  /// The answers to some commands in one pipeline, with the same promise.
  result<std::vector<redis_reply>> pipeline(std::span<const std::vector<std::string>> commands);

 private:
  using moment = std::chrono::steady_clock::time_point;

  void_result load();
  void_result check_policy();
  failure give_up(const failure& error);

  void append_run(std::string_view key, const std::vector<std::string>& arguments);
  result<redis_reply> receive();
  result<std::vector<redis_reply>> receive_all(std::size_t count);

  result<std::vector<redis_reply>> send_all(
      std::string_view key, std::span<const std::vector<std::string>> argument_lists
  );
  /// Those runs again, in the place of their replies, whose reply is that the server has no such
  /// script.
  void_result resend_unknown(
      std::string_view key,
      std::span<const std::vector<std::string>> argument_lists,
      std::vector<redis_reply>& replies
  );

  redis_options server_;
  std::string_view lua_;
  std::string sha_;
  std::optional<redis_connection> connection_;
  moment closed_until_{};
  failure last_error_;
};

}  // namespace stayler::adapters
