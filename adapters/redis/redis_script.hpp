// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/redis/cluster/redis_locator.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// A Lua script on a server, and the connection to it: connected when it is first used and again
/// after it broke, loaded again where the server has forgotten it (restart, failover, SCRIPT
/// FLUSH), and followed to another node of a cluster.
class redis_script {
 public:
  /// `key` is the script's only one, and the hash tag of all that it uses.
  redis_script(redis_options server, std::string key, std::string_view lua)
      : locator_(std::move(server), key), key_(std::move(key)), lua_(lua) {}

  /// Is told once of each thing about the server that cannot be found out: see check_server().
  void on_doubt(std::function<void(const std::string&)> told) { tell_doubt_ = std::move(told); }

  /// Connects now, so that what is wrong with the server shows: as redis_locator::connect(),
  /// check_server() and, for the first connection, check_user().
  void_result connect();

  /// Runs the script once for each list of arguments, in order, all in one pipeline. An answer may
  /// be an error of the server. A failure, which is unavailable, says that there is no connection
  /// or that it broke: it is not known then which of the runs took place. For a moment after that,
  /// calls fail at once.
  result<std::vector<redis_reply>> run(std::span<const std::vector<std::string>> argument_lists);

  /// The answers to some commands in one pipeline, with the same promise.
  result<std::vector<redis_reply>> pipeline(std::span<const std::vector<std::string>> commands);

 private:
  using moment = std::chrono::steady_clock::time_point;
  /// Appends one of some commands, by its number.
  using appender = std::function<void(std::size_t)>;

  void_result verify();
  void_result load();
  void_result use();
  failure give_up(const failure& error);

  result<redis_reply> receive();
  result<std::vector<redis_reply>> exchange(
      const std::vector<std::size_t>& numbers, const appender& append
  );
  result<std::vector<redis_reply>> perform(std::size_t count, const appender& append);
  /// The same server with the script, or another one, for the commands that were not run.
  void_result prepare_for(const std::vector<redis_reply>& replies);

  redis_locator locator_;
  std::string key_;
  std::string_view lua_;
  std::string sha_;
  std::optional<redis_connection> connection_;
  moment closed_until_{};
  failure last_error_;
  std::function<void(const std::string&)> tell_doubt_;
  std::vector<std::string> doubts_;  ///< that were told
  bool has_rights_ = false;          ///< as far as is known
};

}  // namespace stayler::adapters
