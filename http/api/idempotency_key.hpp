// SPDX-License-Identifier: MIT
#pragma once

// The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a caller's name for a
// submission, which may so be repeated without harm.

#include "http/api/json/jobs/job_request_json.hpp"
#include "http/server/message.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace stayler::http {

/// The request's key, as it stands in the header; empty where there is none. A header that is no
/// key is a problem of the field "Idempotency-Key".
std::string read_idempotency_key(const request& req, std::vector<field_problem>& problems);

/// The key of one job of a batch that has that key; no single job can have it. Empty where the
/// batch has none.
std::string key_in_batch(const std::string& batch_key, std::size_t index);

/// Gives a sound request that key, and the fingerprint by which it is known again: SHA-256 of what
/// its submitter said, in one order and spelling. Does nothing where the key is empty.
void set_idempotency_key(parsed_job_request& parsed, std::string key);

}  // namespace stayler::http
