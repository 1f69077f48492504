// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_rights.hpp"

#include "messages/base/text.hpp"

#include <algorithm>
#include <utility>

namespace stayler::adapters {

namespace {

/// A refusal for want of rights, or because the server has no such command (any more).
bool is_refusal(redis_value answer) {
  return answer.code() == "NOPERM" || answer.code() == "ERR";
}

void note_refusal(rights_report& report, const std::string& command, redis_value answer) {
  if (report.missing.empty()) {
    report.reason = answer.text();
  }
  report.missing.push_back(command);
}

std::string name_of(const std::vector<std::string>& command) {
  const std::string name = to_lower(command.front());
  return name == "script" ? name + "|" + to_lower(command[1]) : name;
}

std::vector<std::string_view> texts_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

std::vector<std::vector<std::string>> needed_commands(const std::string& tag) {
  const std::string key = tag + ":jobs";
  const std::string channel = tag + ":wake";
  const std::string no_script(40, '0');
  return {
      // The store's and the exchange's scripts, and what they do.
      {"SCRIPT", "LOAD", "return 0"},
      {"EVALSHA", no_script, "1", tag},
      {"DEL", key},
      {"EXISTS", key},
      {"GET", key},
      {"HDEL", key, "f"},
      {"HEXISTS", key, "f"},
      {"HGET", key, "f"},
      {"HGETALL", key},
      {"HINCRBY", key, "f", "1"},
      {"HMGET", key, "f"},
      {"HSET", key, "f", "v"},
      {"PEXPIRE", key, "1"},
      {"PUBLISH", channel, ""},
      {"SADD", key, "m"},
      {"SET", key, "v"},
      {"SMEMBERS", key},
      {"SREM", key, "m"},
      {"TIME"},
      {"ZADD", key, "1", "m"},
      {"ZCARD", key},
      {"ZLEXCOUNT", key, "-", "+"},
      {"ZMSCORE", key, "m"},
      {"ZRANGE", key, "0", "0"},
      {"ZRANGEBYLEX", key, "-", "+"},
      {"ZRANGEBYSCORE", key, "0", "0"},
      {"ZREM", key, "m"},
      {"ZREMRANGEBYRANK", key, "0", "0"},
      {"ZREVRANGE", key, "0", "0"},
      {"ZREVRANGEBYLEX", key, "+", "-"},
      {"ZSCORE", key, "m"},
      // The feed of events, and the listener.
      {"XADD", key, "*", "f", "v"},
      {"XRANGE", key, "-", "+"},
      {"XREAD", "STREAMS", key, "0"},
      {"XREVRANGE", key, "+", "-"},
      {"XTRIM", key, "MAXLEN", "0"},
      {"SUBSCRIBE", channel},
      {"PING"},
  };
}

result<rights_report> check_rights(redis_connection& connection, const std::string& tag) {
  rights_report report;
  const auto begun = connection.ask({"MULTI"});
  if (!begun) {
    return begun.error();
  }
  if (begun->value().is_error()) {
    report.is_known = false;
    report.reason = begun->value().text();
    return report;
  }
  auto commands = needed_commands(tag);
  // Last, it undoes all; a user who may not say it is of no use either.
  commands.push_back({"DISCARD"});
  for (const auto& command : commands) {
    connection.append(texts_of(command));
  }
  for (const auto& command : commands) {
    const auto answer = connection.receive();
    if (!answer) {
      return answer.error();
    }
    if (answer->value().is_error() && is_refusal(answer->value())) {
      note_refusal(report, name_of(command), answer->value());
    }
  }
  return report;
}

}  // namespace stayler::adapters
