// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_commands.hpp"

#include "adapters/codec/byte_codec.hpp"
#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_counting.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace stayler::adapters {

namespace {

std::string text_of(timestamp at) {
  return std::to_string(at.time_since_epoch().count());
}

std::string text_of(job_status status) {
  return std::to_string(static_cast<int>(status));
}

std::string text_of(job_type type) {
  return std::to_string(static_cast<int>(type));
}

/// What its status waits for: its due time, the end of its lease; when it ended.
std::string time_of(const job& j) {
  return text_of(
      j.status == job_status::scheduled    ? j.due_at
      : j.status == job_status::processing ? j.lease_expires_at
                                           : j.completed_at
  );
}

template <auto Field>
void set_count(job_counts& counts, std::int64_t value) {
  auto& field = counts.*Field;
  using type = std::remove_reference_t<decltype(field)>;
  if constexpr (std::is_same_v<type, timestamp>) {
    field = timestamp{milliseconds{value}};
  } else {
    field = static_cast<type>(value);
  }
}

}  // namespace

namespace redis_commands {

redis_command enqueue(
    const stored_job& stored, const store_op::enqueue& change, const row_cipher& cipher
) {
  const job& j = stored.value;
  return {
      "enqueue",
      redis_id(j.id),
      pack_redis_job({1, stored}, cipher),
      text_of(j.status),
      redis_flow(stored, cipher),
      time_of(j),
      key_digest(j.request, cipher),
      conversion_digest(j.request, cipher),
      std::to_string(change.max_waiting),
      std::to_string(change.max_waiting_of_user)};
}

redis_command update(const redis_job& before, const stored_job& after, const row_cipher& cipher) {
  const job& was = before.stored.value;
  const job& is = after.value;
  job_counts change;
  count_transition(change, was.status, is);
  return {
      "update",
      redis_id(is.id),
      std::to_string(before.version),
      pack_redis_job({before.version + 1, after}, cipher),
      text_of(was.status),
      redis_flow(before.stored, cipher),
      text_of(is.status),
      redis_flow(after, cipher),
      time_of(is),
      conversion_digest(is.request, cipher),
      std::to_string(change.completed_job_time.count()),
      text_of(change.last_finished_at),
      std::to_string(change.ambiguous_calls)};
}

redis_command remove(const redis_job& removed, const row_cipher& cipher) {
  const job& j = removed.stored.value;
  return {
      "remove", redis_id(j.id), std::to_string(removed.version), text_of(j.status),
      key_digest(j.request, cipher)};
}

redis_command claim(const store_op::claim& change) {
  redis_command command{
      "claim", std::to_string(change.lease.count()), change.instance_id,
      std::to_string(change.workers.size())};
  command.insert(command.end(), change.workers.begin(), change.workers.end());
  command.push_back(std::to_string(change.except.size()));
  for (const job_type type : change.except) {
    command.push_back(text_of(type));
  }
  command.push_back(leaves_out(change.suspects, false) ? "1" : "0");
  command.push_back(leaves_out(change.suspects, true) ? "1" : "0");
  return command;
}

redis_command find_expired(milliseconds reaper_term) {
  return {"find_expired", std::to_string(reaper_term.count())};
}

redis_command is_reaper(milliseconds reaper_term) {
  return {"is_reaper", std::to_string(reaper_term.count())};
}

redis_command resign() {
  return {"resign"};
}

redis_command pause(const store_op::pause& change) {
  const type_pause& value = change.value;
  return {"pause", text_of(value.type), text_of(value.until), encode_bytes(value)};
}

redis_command resume(const store_op::resume& change) {
  return {"resume", text_of(change.type)};
}

redis_command count_stale() {
  return {"count_stale"};
}

redis_command verify(const redis_job& checked, const row_cipher& cipher) {
  const job& j = checked.stored.value;
  return {
      "verify",
      redis_id(j.id),
      std::to_string(checked.version),
      text_of(j.status),
      redis_flow(checked.stored, cipher),
      time_of(j)};
}

redis_command set_aside(const job_id& id, std::uint32_t version) {
  return {"set_aside", redis_id(id), std::to_string(version)};
}

redis_command replace(std::string_view id, std::string_view before, std::string_view after) {
  return {"replace", std::string{id}, std::string{before}, std::string{after}};
}

redis_command encrypt(
    const redis_job& plain,
    std::string_view before,
    std::string_view after,
    const row_cipher& cipher
) {
  const job& j = plain.stored.value;
  return {
      "encrypt",
      redis_id(j.id),
      std::string{before},
      std::string{after},
      text_of(j.status),
      redis_flow(plain.stored),
      redis_flow(plain.stored, cipher),
      time_of(j),
      key_digest(j.request),
      key_digest(j.request, cipher),
      conversion_digest(j.request),
      conversion_digest(j.request, cipher)};
}

redis_command verify_users() {
  return {"verify_users"};
}

redis_command list(std::string_view set, std::string_view below, std::size_t limit) {
  return {"list", std::string{set}, std::string{below}, std::to_string(limit)};
}

redis_command list_finished(job_status status, timestamp by, std::size_t limit) {
  return {"list_finished", text_of(status), text_of(by), std::to_string(limit)};
}

redis_command waiting() {
  return {"waiting"};
}

}  // namespace redis_commands

constexpr std::array<queue_count, 12> queue_counts{{
    {"pending", set_count<&job_counts::pending>},
    {"scheduled", set_count<&job_counts::scheduled>},
    {"processing", set_count<&job_counts::processing>},
    {"completed", set_count<&job_counts::completed>},
    {"failed", set_count<&job_counts::failed>},
    {"cancelled", set_count<&job_counts::cancelled>},
    {"accepted", set_count<&job_counts::accepted>},
    {"job_time", set_count<&job_counts::completed_job_time>},
    {"last_finished", set_count<&job_counts::last_finished_at>},
    {"stale", set_count<&job_counts::stale_reports>},
    {"ambiguous", set_count<&job_counts::ambiguous_calls>},
    {"repaired", set_count<&job_counts::repaired>},
}};

queue_state read_queue_state(redis_value answer) {
  queue_state state;
  state.now = timestamp{milliseconds{answer[0].number()}};
  for (std::size_t i = 0; i < queue_counts.size(); ++i) {
    queue_counts[i].set(state.counts, answer[1][i].number());
  }
  state.next_due = timestamp{milliseconds{answer[2].number()}};
  state.ended_pauses = read_redis_pauses(answer[4]);
  return state;
}

type_pause read_redis_pause(job_type type, std::string_view pause) {
  std::int64_t since = 0;
  const auto [end, error] = std::from_chars(pause.data(), pause.data() + pause.size(), since);
  const auto head = static_cast<std::size_t>(end - pause.data());
  auto record = error == std::errc{} && head < pause.size()
                    ? decode_bytes<type_pause>(pause.substr(head + 1))
                    : std::nullopt;
  type_pause read = record ? *std::move(record) : type_pause{};
  read.type = type;
  read.since = timestamp{milliseconds{since}};
  return read;
}

store_reply read_pause_change(job_type type, redis_value answer) {
  if (answer.is_error()) {
    return refusal(to_failure(answer));
  }
  store_reply reply;
  if (!answer[0].is_nil()) {
    reply.pause.before = read_redis_pause(type, answer[0].text());
  }
  if (answer.size() > 1) {
    reply.pause.after = read_redis_pause(type, answer[1].text());
  }
  return reply;
}

std::vector<type_pause> read_redis_pauses(redis_value pairs) {
  std::vector<type_pause> pauses;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    pauses.push_back(read_redis_pause(static_cast<job_type>(pairs[i].number()), pairs[i + 1].text())
    );
  }
  std::ranges::sort(pauses, {}, &type_pause::type);
  return pauses;
}

}  // namespace stayler::adapters
