// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/job_store/job_transitions.hpp"
#include "messages/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// How the store and its script (lua/) write a job to each other.
namespace stayler::adapters {

/// What a record of the script begins with, by which it changes a job whose body it does not read.
/// due: the job has become due; then the time. claim: a lease was given; then the time, length of
/// the lease, worker, instance id.
inline constexpr char due_record = 'D';
inline constexpr char claim_record = 'C';

/// The band of the jobs that go ahead of all others in the name of a flow; that of the others is
/// their priority.
inline constexpr std::uint8_t prioritized_byte = 0xFF;

/// What is added to the band in the name of a flow where the job that is meant goes ahead of its
/// user's others.
inline constexpr std::uint8_t ahead_bit = 0x40;

/// What is added to the type in the name of a flow of suspects, who are given out apart.
inline constexpr std::uint8_t suspect_bit = 0x80;

/// A job as Redis holds it.
struct redis_job {
  std::uint32_t version = 0;  ///< grows with each change: what compare-and-set compares
  stored_job stored;
  failure problem{};  ///< it cannot be read: the job is an unreadable_job()
};

/// Says of a job whether it goes ahead of all others, and not whether of its user's: an index has
/// that alone, which a claim reads anyway.
std::string pack_redis_job(const redis_job& value, const row_cipher& cipher = {});

/// Replays the records that the script has put in front since the job was last written.
/// internal_bug where the bytes are no job, or not that one; unavailable where its key is missing.
result<redis_job> unpack_redis_job(
    std::string_view bytes, const row_cipher& cipher = {}, const job_id& id = {}
);

/// The same, with what stands for a job that cannot be read. Without keys: internal_bug.
result<redis_job> read_redis_job(
    std::string_view bytes, const row_cipher& cipher, const job_id& id
);

/// The value with another body in place of the one that it has: `change` makes it of that, which
/// may be encrypted. Nothing where the bytes are no value, or `change` gives nothing.
std::optional<std::string> with_other_body(
    std::string_view bytes,
    const std::function<std::optional<std::string>(std::string_view body)>& change
);

/// The job under a lease that was given after its value was written.
void give_redis_lease(
    redis_job& pending,
    const std::string& worker,
    const std::string& instance_id,
    milliseconds lease,
    timestamp at
);

/// The same by the script's own record of the claim. internal_bug where it is none.
void_result replay_claim(redis_job& pending, std::string_view record);

/// The name of the flow in which the job waits, or would wait were it pending: priority band (and
/// ahead_bit) and type (and suspect_bit), a byte each, and the user, or the user's pseudonym.
std::string redis_flow(const stored_job& stored, const row_cipher& cipher = {});

// Digests of a request's key and conversion, by the pseudonyms of these.
std::string key_digest(const job_request& request, const row_cipher& cipher = {});
std::string conversion_digest(const job_request& request, const row_cipher& cipher = {});

/// The raw bytes of an id.
std::string redis_id(const job_id& id);
/// The id of these raw bytes; nil where they are too few.
job_id redis_id_of(std::string_view bytes);

/// Twelve bytes that stand for a text (conversion) or a user's own text (idempotency key); the
/// first two name the bucket, of 16,384. Empty for an empty text. Two texts share a digest once in
/// 2^94 pairs.
std::string redis_digest(std::string_view user, std::string_view text);

}  // namespace stayler::adapters
