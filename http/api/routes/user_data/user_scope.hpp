// SPDX-License-Identifier: MIT
#pragma once

// Keys that name users: what they see and touch is these users' alone.

#include "http/api/routes/routes.hpp"
#include "messages/jobs/ownership.hpp"
#include "messages/jobs/submission.hpp"

#include <optional>
#include <string>

namespace stayler::http {

/// The endpoint of a route of that scope, for callers of all kinds: where it is about one job or
/// image, a caller that is limited to some users learns nothing of those of others, 404.
endpoint restrict_to_own_users(const context_ptr& api, access_scope scope, endpoint next);

/// Why the caller must not be shown the job that its submission has led to: by its idempotency key
/// or its conversion it has met a job of another's.
std::optional<failure> refuse_foreign_job(const caller& caller, const submit_receipt& receipt);

/// Fills in the caller's user where the call names none and there is one alone to choose; otherwise
/// why the caller cannot act for that user: 403.
std::optional<response> resolve_user_id(const caller& caller, std::string& user);

/// Why the caller cannot have a job's notifications posted where that job says; none where it can,
/// or the job says nothing. It makes the service call an address, so it is for admins.
failure refuse_webhook(const caller& caller, const job_request& request);

/// The job as that caller may see it: one that is limited to some users is told the classes of what
/// went wrong inside the service, not on which paths and hosts.
job show_to(const caller& caller, job shown);

/// True where a job of the caller may use that image: one of its own users, or a vendor's garment.
bool may_use(const caller& caller, const image_owner& image);

}  // namespace stayler::http
