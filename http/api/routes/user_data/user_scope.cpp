// SPDX-License-Identifier: MIT
#include "http/api/routes/user_data/user_scope.hpp"

#include "http/api/json/members/json_fields.hpp"
#include "messages/jobs/submission.hpp"

#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

/// What is not there is answered like what is another's: in the same words.
response look_up_failure(const failure& why, std::string_view kind) {
  return why.kind == error_class::not_found ? no_such_answer(kind) : failure_answer(why);
}

void check_job(const context_ptr& api, const exchange_ptr& exchange, const endpoint& next) {
  const auto id = parse_job_id(exchange->id);
  if (!id) {
    exchange->send(no_such_answer("job"));
    return;
  }
  const auto on_answer = [exchange, next](const result<job>& found) {
    if (!found) {
      exchange->send(look_up_failure(found.error(), "job"));
    } else if (!exchange->caller.may_act_for(found->request.user_id)) {
      exchange->send(no_such_answer("job"));
    } else {
      next(exchange);
    }
  };
  api->actors.ask<job>(&directory::queue, on_answer, find_atom_v, *id);
}

void check_image(
    const context_ptr& api, const exchange_ptr& exchange, access_scope scope, const endpoint& next
) {
  if (!is_plain_id(exchange->id)) {
    exchange->send(no_such_answer("image"));
    return;
  }
  const auto on_answer = [exchange, scope, next](const result<image_record>& found) {
    const auto is_open = [&] {
      return scope == access_scope::seen_image
                 ? may_use(exchange->caller, {found->user_id, found->type})
                 : exchange->caller.may_act_for(found->user_id);
    };
    if (!found) {
      exchange->send(look_up_failure(found.error(), "image"));
    } else if (!is_open()) {
      exchange->send(no_such_answer("image"));
    } else {
      next(exchange);
    }
  };
  api->actors.ask<image_record>(&directory::library, on_answer, find_atom_v, exchange->id);
}

/// What is kept of one user is for keys that name that user. Of those for all users it takes an
/// admin's: the application's own key must not erase whom it likes.
void check_user(const exchange_ptr& exchange, const endpoint& next) {
  const caller& who = exchange->caller;
  if (who.is_limited() ? who.may_act_for(exchange->id) : who.role == adapters::caller_role::admin) {
    next(exchange);
    return;
  }
  exchange->send(refusal_answer(
      {error_class::permission,
       "this needs a key for that user, or one with the role admin for all "
       "users; "
           + who.key + " is neither"}
  ));
}

}  // namespace

endpoint restrict_to_own_users(const context_ptr& api, access_scope scope, endpoint next) {
  if (scope == access_scope::one_user) {
    return [next = std::move(next)](const exchange_ptr& exchange) { check_user(exchange, next); };
  }
  if (scope != access_scope::one_job && scope != access_scope::one_image
      && scope != access_scope::seen_image) {
    return next;
  }
  return [api, scope, next = std::move(next)](const exchange_ptr& exchange) {
    if (!exchange->caller.is_limited()) {
      next(exchange);
    } else if (scope == access_scope::one_job) {
      check_job(api, exchange, next);
    } else {
      check_image(api, exchange, scope, next);
    }
  };
}

std::optional<failure> refuse_foreign_job(const caller& caller, const submit_receipt& receipt) {
  if (caller.may_act_for(receipt.accepted.request.user_id)) {
    return std::nullopt;
  }
  return failure{error_class::conflict, "the idempotency key or the conversion is in use"};
}

std::optional<response> resolve_user_id(const caller& caller, std::string& user) {
  if (user.empty() && caller.users.size() == 1) {
    user = caller.users.front();
  }
  if (caller.may_act_for(user)) {
    return std::nullopt;
  }
  return refusal_answer(
      {error_class::permission,
       "userId must be one of the users that the key " + caller.key + " is for"}
  );
}

failure refuse_webhook(const caller& caller, const job_request& request) {
  return request.webhook_url.empty() || caller.role == adapters::caller_role::admin
             ? failure{}
             : failure{
                 error_class::permission, "webhookUrl needs a key with the role admin; "
                                              + caller.key + " has the role "
                                              + std::string{to_string(caller.role)}};
}

job show_to(const caller& caller, job shown) {
  if (caller.is_limited()) {
    shown.error = conceal(std::move(shown.error));
    for (auto& attempt : shown.attempts) {
      attempt.error = conceal(std::move(attempt.error));
    }
  }
  return shown;
}

bool may_use(const caller& caller, const image_owner& image) {
  return caller.may_act_for(image.user_id) || image.type == "vendor";
}

}  // namespace stayler::http
