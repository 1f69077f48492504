// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_queue.hpp"

#include "adapters/job_store/redis/redis_job_script.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stayler::adapters {

result<std::vector<redis_job>> read_redis_jobs(
    redis_value values, std::size_t first, std::size_t step
) {
  std::vector<redis_job> jobs;
  for (std::size_t i = first; i < values.size(); i += step) {
    if (values[i].is_nil()) {
      continue;
    }
    auto read = unpack_redis_job(values[i].text());
    if (!read) {
      return std::move(read).error();
    }
    jobs.push_back(std::move(*read));
  }
  return jobs;
}

redis_queue::redis_queue(redis_job_store_options options)
    : options_(std::move(options)),
      prefix_("{" + options_.queue + "}"),
      name_(to_string(make_uuid_v7(std::chrono::system_clock::now()))),
      script_(options_.server, redis_job_script()) {}

script_commands redis_queue::new_calls() const {
  const bool is_virtual = options_.clock == redis_job_store_options::time_source::caller;
  return script_commands{{is_virtual ? std::to_string(now_.time_since_epoch().count()) : "", name_}};
}

result<std::vector<redis_value>> redis_queue::run(script_commands& calls) {
  auto replies = script_.run(prefix_, calls.take_argument_lists());
  if (!replies) {
    return std::move(replies).error();
  }
  last_replies_ = std::move(*replies);
  for (const redis_reply& reply : last_replies_) {
    if (!reply.value().is_error()) {
      note_state(reply.value());
    }
  }
  return calls.answers_in(last_replies_);
}

void redis_queue::set_time(timestamp callers) {
  now_ = callers;
  if (servers_time_) {
    const auto passed = std::chrono::steady_clock::now() - said_at_;
    now_ = *servers_time_ + std::chrono::duration_cast<milliseconds>(passed);
  }
}

void redis_queue::note_state(redis_value answer) {
  note_time(timestamp{milliseconds{answer[0].number()}});
  const redis_value counts = answer[1];
  const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(counts[i].number()); };
  counts_ = {
      number(0),
      number(1),
      number(2),
      number(3),
      number(4),
      number(5),
      number(6),
      milliseconds{counts[7].number()},
      timestamp{milliseconds{counts[8].number()}},
      number(9),
      number(10),
      number(11)};
  next_due_ = timestamp{milliseconds{answer[2].number()}};
}

void redis_queue::note_time(timestamp servers) {
  if (options_.clock == redis_job_store_options::time_source::server) {
    servers_time_ = servers;
    said_at_ = std::chrono::steady_clock::now();
    now_ = servers;
  }
}

result<redis_queue::jobs_by_id> redis_queue::read(const std::vector<job_id>& ids) {
  if (ids.empty()) {
    return jobs_by_id{};
  }
  std::vector<std::vector<std::string>> commands{
      {"TIME"}, {"HMGET", prefix_ + ":jobs"}, {"HMGET", prefix_ + ":claims"}};
  for (std::size_t i = 1; i < commands.size(); ++i) {
    std::transform(ids.begin(), ids.end(), std::back_inserter(commands[i]), redis_id);
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
  note_time(timestamp{milliseconds{time[0].number() * 1'000 + time[1].number() / 1'000}});
  jobs_by_id jobs;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const redis_value found = (*replies)[1].value()[i];
    if (found.is_nil()) {
      continue;
    }
    auto read = unpack_redis_job(found.text());
    if (!read) {
      return std::move(read).error();
    }
    const redis_value claim = (*replies)[2].value()[i];
    if (!claim.is_nil()) {
      if (auto replayed = replay_claim(*read, claim.text()); !replayed) {
        return replayed.error();
      }
    }
    jobs.emplace(ids[i], std::move(*read));
  }
  return jobs;
}

result<redis_queue::jobs_by_id> redis_queue::read_leased() {
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
  return read(ids);
}

result<std::vector<redis_job>> redis_queue::ask(
    std::vector<std::string> change, std::size_t first, std::size_t step
) {
  script_commands calls = new_calls();
  calls.add(std::move(change));
  auto answers = run(calls);
  if (!answers) {
    return std::move(answers).error();
  }
  return answers->front().is_error() ? to_failure(answers->front())
                                     : read_redis_jobs(answers->front(), first, step);
}

result<bool> redis_queue::is_reaper() {
  script_commands calls = new_calls();
  calls.add({"R", reaper_term()});
  auto answers = run(calls);
  if (!answers) {
    return std::move(answers).error();
  }
  return answers->front()[0].number() == 1;
}

void redis_queue::resign() {
  script_commands calls = new_calls();
  calls.add({"Q"});
  static_cast<void>(run(calls));
}

result<std::vector<redis_job>> redis_queue::list_below(
    const std::string& set, const std::string& before
) {
  return ask({"L", set, before, std::to_string(jobs_per_read)}, 1, 2);
}

}  // namespace stayler::adapters
