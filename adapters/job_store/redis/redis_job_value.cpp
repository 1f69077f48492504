// SPDX-License-Identifier: MIT
#include "adapters/job_store/redis/redis_job_value.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/job_store/fair_queue.hpp"
#include "adapters/job_store/job_codec.hpp"
#include "adapters/job_store/unreadable_job.hpp"
#include "messages/jobs/suspect.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr char end_of_records = '\0';
constexpr std::string_view redis_user_kind = "user";
constexpr char state_record = 'S';  ///< what a job's body does not say: see stored_job

/// Little endian, as the script's struct.pack('<...').
template <class Number>
void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    out += static_cast<char>((static_cast<std::uint64_t>(number) >> (8 * i)) & 0xFFU);
  }
}

class value_reader {
 public:
  explicit value_reader(std::string_view in) : in_(in) {}

  template <class Number>
  Number get() {
    std::uint64_t number = 0;
    const std::string_view bytes = take(sizeof(Number));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return static_cast<Number>(number);
  }

  std::string get_text() { return std::string{take(get<std::uint16_t>())}; }
  timestamp get_time() { return timestamp{milliseconds{get<std::int64_t>()}}; }

  std::string_view take(std::size_t size) {
    is_damaged_ = is_damaged_ || size > in_.size();
    const std::string_view bytes = in_.substr(0, size);
    in_.remove_prefix(bytes.size());
    return bytes;
  }

  void set_damaged() { is_damaged_ = true; }
  [[nodiscard]] bool is_damaged() const { return is_damaged_; }
  [[nodiscard]] std::string_view rest() const { return in_; }

 private:
  std::string_view in_;
  bool is_damaged_ = false;
};

using record = std::function<void(stored_job&)>;

record read_record(char kind, value_reader& in) {
  if (kind == due_record) {
    return [at = in.get_time()](stored_job& stored) { make_due(stored, at); };
  }
  if (kind == claim_record) {
    const timestamp at = in.get_time();
    const milliseconds lease{in.get<std::int64_t>()};
    std::string worker = in.get_text();
    if (lease.count() < 0 || at > timestamp::max() - lease) {
      in.set_damaged();
    }
    return [=, worker = std::move(worker), instance_id = in.get_text()](stored_job& stored) {
      give_lease(stored, worker, instance_id, lease, at);
    };
  }
  if (kind != state_record) {
    in.set_damaged();
  }
  const bool is_prioritized = in.get<std::uint8_t>() != 0;
  return [is_prioritized, instance_id = in.get_text()](stored_job& stored) {
    stored.over = is_prioritized ? precedence::all_jobs : precedence::none;
    stored.instance_id = instance_id;
  };
}

/// Up to where the body begins.
std::vector<record> read_records(value_reader& in) {
  std::vector<record> records;
  for (char kind = in.get<char>(); kind != end_of_records && !in.is_damaged();
       kind = in.get<char>()) {
    records.push_back(read_record(kind, in));
  }
  return records;
}

failure damaged() {
  return {error_class::internal_bug, "what Redis holds of a job is damaged"};
}

result<job> read_body(std::string_view body, const row_cipher& cipher, const job_id& id) {
  if (!cipher.is_set()) {
    auto decoded = decode_job(body);
    return decoded ? std::move(decoded) : damaged();
  }
  const auto content = cipher.decrypt(place_of_job(id), body);
  return content ? decode_job(*content) : content.error();
}

}  // namespace

std::string pack_redis_job(const redis_job& value, const row_cipher& cipher) {
  const stored_job& stored = value.stored;
  std::string bytes;
  put(bytes, value.version);
  put(bytes, static_cast<std::uint8_t>(stored.value.status));
  const bool is_prioritized = stored.over == precedence::all_jobs;
  if (is_prioritized || !stored.instance_id.empty()) {
    bytes += state_record;
    put(bytes, static_cast<std::uint8_t>(is_prioritized ? 1 : 0));
    put(bytes, static_cast<std::uint16_t>(stored.instance_id.size()));
    bytes += stored.instance_id;
  }
  bytes += end_of_records;
  const job& j = stored.value;
  return bytes +=
         cipher.is_set() ? cipher.encrypt(place_of_job(j.id), encode_job(j)) : encode_job(j);
}

result<redis_job> unpack_redis_job(
    std::string_view bytes, const row_cipher& cipher, const job_id& id
) {
  value_reader in{bytes};
  redis_job value;
  value.version = in.get<std::uint32_t>();
  in.take(1);  // the status, which the records or the job say too
  const std::vector<record> records = read_records(in);
  auto decoded = read_body(in.rest(), cipher, id);
  if (in.is_damaged()) {
    return damaged();
  }
  if (!decoded) {
    return std::move(decoded).error();
  }
  value.stored.value = std::move(*decoded);
  // The script puts the latest record first.
  std::for_each(records.rbegin(), records.rend(), [&](const record& change) {
    change(value.stored);
  });
  return value;
}

result<redis_job> read_redis_job(
    std::string_view bytes, const row_cipher& cipher, const job_id& id
) {
  auto read = unpack_redis_job(bytes, cipher, id);
  if (read || !cipher.is_set()) {
    return read;
  }
  value_reader head{bytes};
  redis_job unreadable;
  unreadable.problem = read.error();
  unreadable.version = head.get<std::uint32_t>();
  const auto status = static_cast<job_status>(head.get<std::uint8_t>());
  unreadable.stored.value = unreadable_job(id, status, std::move(read).error());
  return unreadable;
}

std::optional<std::string> with_other_body(
    std::string_view bytes,
    const std::function<std::optional<std::string>(std::string_view body)>& change
) {
  value_reader in{bytes};
  in.take(sizeof(std::uint32_t) + 1);
  static_cast<void>(read_records(in));
  auto body = in.is_damaged() ? std::nullopt : change(in.rest());
  if (!body) {
    return std::nullopt;
  }
  return std::string{bytes.substr(0, bytes.size() - in.rest().size())} += *body;
}

void give_redis_lease(
    redis_job& pending,
    const std::string& worker,
    const std::string& instance_id,
    milliseconds lease,
    timestamp at
) {
  give_lease(pending.stored, worker, instance_id, lease, at);
  ++pending.version;
}

void_result replay_claim(redis_job& pending, std::string_view record) {
  value_reader in{record};
  const auto claim = read_record(in.get<char>(), in);
  if (in.is_damaged()) {
    return failure{error_class::internal_bug, "what Redis holds of a claim is damaged"};
  }
  claim(pending.stored);
  ++pending.version;
  return ok();
}

std::string redis_flow(const stored_job& stored, const row_cipher& cipher) {
  const std::uint32_t band = priority_band_of(stored);
  const std::uint32_t ahead = stored.over == precedence::own_jobs ? ahead_bit : 0U;
  std::string flow;
  flow += static_cast<char>(band == prioritized_band ? prioritized_byte : band + ahead);
  const std::uint32_t suspect = is_suspect(stored.value) ? suspect_bit : 0U;
  flow += static_cast<char>(static_cast<std::uint32_t>(stored.value.request.type) + suspect);
  return flow += cipher.pseudonym(redis_user_kind, stored.value.request.user_id);
}

std::string key_digest(const job_request& request, const row_cipher& cipher) {
  const std::string key = cipher.pseudonym("idempotency key", request.idempotency_key);
  return key.empty() ? key : redis_digest(cipher.pseudonym(redis_user_kind, request.user_id), key);
}

std::string conversion_digest(const job_request& request, const row_cipher& cipher) {
  return redis_digest("", cipher.pseudonym("conversion", request.conversion_id));
}

std::string redis_id(const job_id& id) {
  return {id.value.bytes.begin(), id.value.bytes.end()};
}

job_id redis_id_of(std::string_view bytes) {
  job_id id;
  if (bytes.size() >= id.value.bytes.size()) {
    std::copy_n(bytes.begin(), id.value.bytes.size(), id.value.bytes.begin());
  }
  return id;
}

std::string redis_digest(std::string_view user, std::string_view text) {
  if (text.empty()) {
    return {};
  }
  std::string digest = hmac_sha256(user, text).substr(0, 12);
  digest.front() = static_cast<char>(static_cast<unsigned char>(digest.front()) & 0x3FU);
  return digest;
}

}  // namespace stayler::adapters
