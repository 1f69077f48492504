// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_queue_client.hpp"

#include "adapters/job_store/redis/redis_job_encryption.hpp"
#include "adapters/job_store/redis/redis_job_script.hpp"
#include "adapters/job_store/redis/redis_queue_format.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::queue::log;

/// The job of a value and, where that is not nil, of the record of its claim.
result<redis_job> read_claimed_job(
    redis_value value, redis_value claim, const row_cipher& cipher, const job_id& id
) {
  auto read = read_redis_job(value.text(), cipher, id);
  if (read && !read->problem && !claim.is_nil()) {
    if (auto replayed = replay_claim(*read, claim.text()); !replayed) {
      return replayed.error();
    }
  }
  return read;
}

}  // namespace

result<std::vector<redis_job>> read_redis_jobs(
    redis_value values, const row_cipher& cipher, std::size_t first
) {
  std::vector<redis_job> jobs;
  for (std::size_t i = first; i + 1 < values.size(); i += 2) {
    if (values[i + 1].is_nil()) {
      continue;
    }
    auto read = read_redis_job(values[i + 1].text(), cipher, redis_id_of(values[i].text()));
    if (!read) {
      return std::move(read).error();
    }
    jobs.push_back(std::move(*read));
  }
  return jobs;
}

redis_queue_client::redis_queue_client(redis_job_store_options options)
    : options_(std::move(options)),
      prefix_("{" + options_.queue + "}"),
      name_(to_string(make_uuid_v7(std::chrono::system_clock::now()))),
      script_(options_.server, prefix_, redis_job_script()) {}

void_result redis_queue_client::connect() {
  auto connected = script_.connect();
  return connected ? prepare() : std::move(connected);
}

void_result redis_queue_client::prepare() {
  if (!is_prepared_) {
    if (auto readable = check_redis_queue_format(*this); !readable) {
      return readable;
    }
    auto opened = open_redis_cipher(*this, options_.keys);
    if (!opened) {
      return std::move(opened).error();
    }
    cipher_ = *std::move(opened);
    is_prepared_ = true;
  }
  return ok();
}

command_pipeline redis_queue_client::new_pipeline() const {
  const bool is_virtual = options_.clock == redis_job_store_options::time_source::caller;
  return command_pipeline{
      {is_virtual ? std::to_string(now_.time_since_epoch().count()) : "", name_}};
}

result<std::vector<redis_value>> redis_queue_client::run_script(command_pipeline& commands) {
  auto replies = script_.run(commands.take_argument_lists());
  if (!replies) {
    return std::move(replies).error();
  }
  last_replies_ = std::move(*replies);
  for (const redis_reply& reply : last_replies_) {
    if (!reply.value().is_error()) {
      state_ = read_queue_state(reply.value());
      std::ranges::move(state_.ended_pauses, std::back_inserter(ended_pauses_));
      set_server_time(state_.now);
    }
  }
  return commands.answers_in(last_replies_);
}

result<redis_value> redis_queue_client::run_script(redis_command command) {
  command_pipeline commands = new_pipeline();
  commands.add(std::move(command));
  auto answers = run_script(commands);
  if (!answers) {
    return std::move(answers).error();
  }
  return answers->front();
}

void redis_queue_client::set_time(timestamp callers) {
  now_ = callers;
  if (server_time_) {
    const auto passed = std::chrono::steady_clock::now() - server_time_at_;
    now_ = *server_time_ + std::chrono::duration_cast<milliseconds>(passed);
  }
}

void redis_queue_client::set_server_time(timestamp servers) {
  if (options_.clock == redis_job_store_options::time_source::server) {
    server_time_ = servers;
    server_time_at_ = std::chrono::steady_clock::now();
    now_ = servers;
  }
}

result<redis_queue_client::jobs_by_id> redis_queue_client::read_jobs(const std::vector<job_id>& ids
) {
  if (ids.empty()) {
    return jobs_by_id{};
  }
  std::array<std::vector<std::string>, 3> commands{
      {{"TIME"}, {"HMGET", prefix_ + ":jobs"}, {"HMGET", prefix_ + ":claims"}}};
  for (std::size_t i = 1; i < commands.size(); ++i) {
    std::ranges::transform(ids, std::back_inserter(commands[i]), redis_id);
  }
  auto replies = script_.pipeline(commands);
  if (!replies) {
    return std::move(replies).error();
  }
  for (const redis_reply& reply : *replies) {
    if (reply.value().is_error()) {
      return to_failure(reply.value());
    }
  }
  const redis_value time = (*replies)[0].value();
  const redis_value values = (*replies)[1].value();
  const redis_value claims = (*replies)[2].value();
  set_server_time(timestamp{milliseconds{time[0].number() * 1'000 + time[1].number() / 1'000}});
  jobs_by_id jobs;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (values[i].is_nil()) {
      continue;
    }
    auto read = read_claimed_job(values[i], claims[i], cipher_, ids[i]);
    if (!read) {
      return std::move(read).error();
    }
    jobs.emplace(ids[i], std::move(*read));
  }
  return jobs;
}

result<redis_queue_client::jobs_by_id> redis_queue_client::read_leased() {
  const std::vector<std::vector<std::string>> command{{"ZRANGE", prefix_ + ":leases", "0", "-1"}};
  auto leases = script_.pipeline(command);
  if (!leases) {
    return std::move(leases).error();
  }
  std::vector<job_id> ids;
  const redis_value found = leases->front().value();
  for (std::size_t i = 0; i < found.size(); ++i) {
    ids.push_back(redis_id_of(found[i].text()));
  }
  return read_jobs(ids);
}

result<std::vector<redis_job>> redis_queue_client::find_jobs(redis_command command) {
  auto answer = run_script(std::move(command));
  if (!answer) {
    return std::move(answer).error();
  }
  return answer->is_error() ? to_failure(*answer) : read_redis_jobs(*answer, cipher_);
}

result<std::vector<redis_job>> redis_queue_client::list_below(
    const std::string& set, const std::string& id
) {
  return find_jobs(redis_commands::list(set, id, jobs_per_read));
}

result<bool> redis_queue_client::is_reaper() {
  auto answer = run_script(redis_commands::is_reaper(reaper_term()));
  if (!answer) {
    return std::move(answer).error();
  }
  return (*answer)[0].number() == 1;
}

void redis_queue_client::set_aside(const std::vector<redis_job>& unreadable) {
  command_pipeline commands = new_pipeline();
  bool is_any_changed = false;
  for (const redis_job& each : unreadable) {
    const job_id& id = each.stored.value.id;
    // One whose key is missing may be read again, when that is back.
    const bool is_changed = each.problem.kind == error_class::internal_bug;
    log.error(
        is_changed ? "a stored job cannot be read, and is a dead letter now"
                   : "a stored job cannot be read now",
        {{"jobId", id}, {"reason", each.problem.message}}
    );
    if (is_changed) {
      commands.add(redis_commands::set_aside(id, each.version));
      is_any_changed = true;
    }
  }
  if (is_any_changed) {
    static_cast<void>(run_script(commands));
  }
}

void redis_queue_client::resign() {
  static_cast<void>(run_script(redis_commands::resign()));
}

}  // namespace stayler::adapters
