// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_job_encryption.hpp"

#include "adapters/job_store/unreadable_job.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

// What {queue}:pseudonyms begins with, before the key itself.
constexpr char half_encrypted = 'H';
constexpr char all_encrypted = 'A';

/// What is kept of the queue's encryption.
struct kept_key {
  bool is_complete = false;  ///< all jobs are encrypted
  std::string wrapped;
};

std::string key_of(const redis_queue_client& queue) {
  return queue.prefix() + ":pseudonyms";
}

result<std::optional<kept_key>> read_kept_key(redis_queue_client& queue) {
  const std::array<std::vector<std::string>, 1> get{{{"GET", key_of(queue)}}};
  auto replies = queue.pipeline(get);
  if (!replies) {
    return std::move(replies).error();
  }
  const redis_value kept = replies->front().value();
  if (kept.is_error()) {
    return to_failure(kept);
  }
  if (kept.is_nil() || kept.text().empty()) {
    return std::optional<kept_key>{};
  }
  return std::optional{
      kept_key{kept.text().front() == all_encrypted, std::string{kept.text().substr(1)}}};
}

/// `options` are those of SET.
void_result keep_key(
    redis_queue_client& queue, const kept_key& key, const std::vector<std::string>& options = {}
) {
  std::string value{key.is_complete ? all_encrypted : half_encrypted};
  std::array<std::vector<std::string>, 1> set{{{"SET", key_of(queue), value += key.wrapped}}};
  set.front().insert(set.front().end(), options.begin(), options.end());
  auto replies = queue.pipeline(set);
  if (!replies) {
    return std::move(replies).error();
  }
  const redis_value answer = replies->front().value();
  return answer.is_error() ? void_result{to_failure(answer)} : ok();
}

/// A value as it lies in Redis, without the record of its claim.
struct raw_job {
  std::string id;
  std::string value;
};

/// The jobs below that id, newest first, jobs_per_read at most.
result<std::vector<raw_job>> read_raw(redis_queue_client& queue, const std::string& below) {
  auto listed = queue.run_script(redis_commands::list(":all", below, jobs_per_read));
  if (!listed || listed->is_error()) {
    return listed ? to_failure(*listed) : std::move(listed).error();
  }
  std::vector<raw_job> jobs;
  std::array<std::vector<std::string>, 1> get{{{"HMGET", queue.prefix() + ":jobs"}}};
  for (std::size_t i = 0; i < listed->size(); i += 2) {
    jobs.push_back({std::string{(*listed)[i].text()}, {}});
    get.front().push_back(jobs.back().id);
  }
  if (jobs.empty()) {
    return jobs;
  }
  auto replies = queue.pipeline(get);
  if (!replies) {
    return std::move(replies).error();
  }
  const redis_value values = replies->front().value();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].value = values.is_error() || values[i].is_nil() ? std::string_view{} : values[i].text();
  }
  return jobs;
}

/// Calls `change` for each job, which answers with the command that changes it, or with none; each
/// is run where nobody has changed the job meanwhile. Returns how many could not be.
result<std::uint64_t> change_all(
    redis_queue_client& queue,
    const std::function<std::optional<redis_command>(const raw_job& job)>& change
) {
  std::uint64_t stale = 0;
  for (std::string below;;) {
    const auto some = read_raw(queue, below);
    if (!some) {
      return some.error();
    }
    command_pipeline commands = queue.new_pipeline();
    for (const raw_job& each : *some) {
      if (auto command = each.value.empty() ? std::nullopt : change(each)) {
        commands.add(*std::move(command));
      }
    }
    auto answers = queue.run_script(commands);
    if (!answers) {
      return std::move(answers).error();
    }
    for (const redis_value answer : *answers) {
      if (answer.is_error()) {
        return to_failure(answer);
      }
      stale += answer[0].text() == "ok" ? 0U : 1U;
    }
    if (some->size() < jobs_per_read) {
      return stale;
    }
    below = some->back().id;
  }
}

std::optional<redis_command> encryption_of(const raw_job& plain, const row_cipher& cipher) {
  const job_id id = redis_id_of(plain.id);
  const auto job = unpack_redis_job(plain.value);
  if (!job) {
    return std::nullopt;  // encrypted already, or damaged: then it stays so
  }
  const auto after = with_other_body(plain.value, [&](std::string_view body) {
    return std::optional{cipher.encrypt(place_of_job(id), body)};
  });
  return after ? std::optional{redis_commands::encrypt(*job, plain.value, *after, cipher)}
               : std::nullopt;
}

void_result encrypt_all(redis_queue_client& queue, const row_cipher& cipher) {
  // Other coordinators that begin now do the same: who is later finds the job encrypted.
  for (std::uint64_t left = 1; left > 0;) {
    const auto stale =
        change_all(queue, [&](const raw_job& plain) { return encryption_of(plain, cipher); });
    if (!stale) {
      return stale.error();
    }
    left = *stale;
  }
  return ok();
}

result<bool> has_jobs(redis_queue_client& queue) {
  const auto some = read_raw(queue, {});
  return some ? result<bool>{!some->empty()} : some.error();
}

/// Makes the key, if nobody else does.
result<std::optional<kept_key>> make_key(redis_queue_client& queue, const encryption_keys& keys) {
  const auto is_filled = has_jobs(queue);
  if (!is_filled) {
    return is_filled.error();
  }
  if (*is_filled && !keys.take_plain()) {
    return failure{
        error_class::invalid_input,
        "WORKER_ENCRYPTION_KEYS: the jobs in Redis are not encrypted; with \"plain\" at the end of "
        "the list they are encrypted at the start"};
  }
  const auto key = make_pseudonym_key();
  if (!key) {
    return key.error();
  }
  if (auto kept = keep_key(queue, {false, wrap_pseudonym_key(keys, *key)}, {"NX"}); !kept) {
    return std::move(kept).error();
  }
  return read_kept_key(queue);
}

}  // namespace

result<row_cipher> open_redis_cipher(redis_queue_client& queue, const encryption_keys& keys) {
  auto kept = read_kept_key(queue);
  if (kept && !keys.are_set()) {
    return *kept ? result<row_cipher>{failure{
               error_class::invalid_input,
               "WORKER_ENCRYPTION_KEYS is not set, but the jobs in Redis are encrypted"}}
                 : row_cipher{};
  }
  if (kept && !*kept) {
    kept = make_key(queue, keys);
  }
  if (!kept || !*kept) {
    return kept ? failure{error_class::unavailable, "Redis has lost what it was given"}
                : std::move(kept).error();
  }
  const auto key = unwrap_pseudonym_key(keys, (*kept)->wrapped);
  if (!key) {
    return key.error();
  }
  row_cipher cipher{keys, *key};
  if (!(*kept)->is_complete) {
    if (auto done = encrypt_all(queue, cipher); !done) {
      return std::move(done).error();
    }
    if (auto done = keep_key(queue, {true, wrap_pseudonym_key(keys, *key)}); !done) {
      return std::move(done).error();
    }
  }
  return cipher;
}

void_result rewrap_redis_key(redis_queue_client& queue, const encryption_keys& keys) {
  const auto kept = read_kept_key(queue);
  if (!kept || !*kept) {
    return kept ? ok() : void_result{kept.error()};
  }
  const auto key = unwrap_pseudonym_key(keys, (*kept)->wrapped);
  return key ? keep_key(queue, {(*kept)->is_complete, wrap_pseudonym_key(keys, *key)})
             : void_result{key.error()};
}

result<row_report> reencrypt_redis_jobs(
    const redis_job_store_options& options,
    const std::function<void(const failure& why)>& on_failure
) {
  redis_queue_client queue{options};
  const auto known = read_kept_key(queue);
  if (!known || !*known) {
    // Coordinators without keys may be at work on a queue that has none.
    return known ? result<row_report>{row_report{}} : known.error();
  }
  if (auto prepared = queue.prepare(); !prepared) {
    return std::move(prepared).error();
  }
  const row_cipher& cipher = queue.cipher();
  if (auto kept = rewrap_redis_key(queue, options.keys); !kept) {
    return std::move(kept).error();
  }
  row_report report;
  const auto stale = change_all(queue, [&](const raw_job& job) -> std::optional<redis_command> {
    ++report.seen;
    const std::string place = place_of_job(redis_id_of(job.id));
    bool is_current = false;
    const auto after = with_other_body(job.value, [&](std::string_view body) {
      const auto content = cipher.decrypt(place, body);
      if (!content) {
        ++report.failed;
        on_failure(content.error());
        return std::optional<std::string>{};
      }
      is_current = cipher.is_current(body);
      return std::optional{cipher.encrypt(place, *content)};
    });
    if (!after || is_current) {
      return std::nullopt;
    }
    ++report.encrypted;
    return redis_commands::replace(job.id, job.value, *after);
  });
  // What was changed meanwhile was written with the current key.
  return stale ? result<row_report>{report} : stale.error();
}

}  // namespace stayler::adapters
