// SPDX-License-Identifier: MIT
#include "http/api/routes/user_scope.hpp"

#include "http/api/json/json_fields.hpp"

#include <memory>
#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

response no_such(std::string_view what) {
  return failure_answer({error_class::not_found, "there is no such " + std::string{what}, {}});
}

void check_job(const context_ptr& api, const call_ptr& c, const endpoint& what) {
  const auto id = parse_job_id(c->id);
  if (!id) {
    c->to->send(no_such("job"));
    return;
  }
  const auto on_answer = [c, what](const result<job>& found) {
    if (!found) {
      c->to->send(failure_answer(found.error()));
    } else if (!c->who.may_act_for(found->request.user_id)) {
      c->to->send(no_such("job"));
    } else {
      what(c);
    }
  };
  api->actors.ask<job>(&directory::queue, on_answer, find_atom_v, *id);
}

void check_image(const context_ptr& api, const call_ptr& c, const endpoint& what) {
  if (!is_plain_id(c->id)) {
    c->to->send(no_such("image"));
    return;
  }
  const auto on_answer = [c, what](const result<image_record>& found) {
    const bool is_to_look = c->req.method == "GET" || c->req.method == "HEAD";
    if (!found) {
      c->to->send(failure_answer(found.error()));
    } else if (!c->who.may_act_for(found->user_id) && !(is_to_look && may_use(c->who, *found))) {
      c->to->send(no_such("image"));
    } else {
      what(c);
    }
  };
  api->actors.ask<image_record>(&directory::library, on_answer, find_atom_v, c->id);
}

/// Images that are looked up one after the other.
struct image_search {
  caller who;
  std::vector<std::string> open;
  std::set<std::string> forbidden;
  std::function<void(const result<std::set<std::string>>&)> done;
};

void look_up_next(const context_ptr& api, const std::shared_ptr<image_search>& search) {
  if (search->open.empty()) {
    search->done(search->forbidden);
    return;
  }
  const std::string id = search->open.back();
  search->open.pop_back();
  const auto on_answer = [api, search, id](const result<image_record>& found) {
    if (!found && found.error().kind != error_class::not_found) {
      search->done(found.error());
      return;
    }
    if (!found || !may_use(search->who, *found)) {
      search->forbidden.insert(id);
    }
    look_up_next(api, search);
  };
  api->actors.ask<image_record>(&directory::library, on_answer, find_atom_v, id);
}

}  // namespace

endpoint restrict_to_own_users(const context_ptr& api, access_scope scope, endpoint what) {
  if (scope != access_scope::one_job && scope != access_scope::one_image) {
    return what;
  }
  return [api, scope, what = std::move(what)](const call_ptr& c) {
    if (!c->who.is_limited()) {
      what(c);
    } else if (scope == access_scope::one_job) {
      check_job(api, c, what);
    } else {
      check_image(api, c, what);
    }
  };
}

std::optional<failure> refuse_foreign_job(const caller& who, const submit_receipt& receipt) {
  if (who.may_act_for(receipt.accepted.request.user_id)) {
    return std::nullopt;
  }
  return failure{error_class::conflict, "the idempotency key or the conversion is in use", {}};
}

std::optional<response> resolve_user_id(const caller& who, std::string& user) {
  if (user.empty() && who.users.size() == 1) {
    user = who.users.front();
  }
  if (who.may_act_for(user)) {
    return std::nullopt;
  }
  return failure_answer(
      {error_class::permission,
       "userId must be one of the users that the key " + who.key + " is for",
       {}}
  );
}

bool may_use(const caller& who, const image_record& image) {
  return who.may_act_for(image.user_id) || image.type == "vendor";
}

void find_forbidden(
    const context_ptr& api,
    const caller& who,
    std::vector<std::string> images,
    std::function<void(const result<std::set<std::string>>&)> done
) {
  const std::set<std::string> each_once{images.begin(), images.end()};
  images.assign(each_once.begin(), each_once.end());
  look_up_next(
      api, std::make_shared<image_search>(image_search{who, std::move(images), {}, std::move(done)})
  );
}

}  // namespace stayler::http
