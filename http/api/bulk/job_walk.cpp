// SPDX-License-Identifier: MIT
#include "http/api/bulk/job_walk.hpp"

#include <memory>
#include <utility>

namespace stayler::http {

namespace {

struct job_walk {
  bridge actors;
  job_filter filter;
  std::function<bool(const job_page&)> visit;
  std::function<void(const failure&, bool)> done;
  std::size_t pages = 0;
};

void go_on(const std::shared_ptr<job_walk>& walk) {
  const auto on_page = [walk](const result<job_page>& page) {
    if (!page) {
      walk->done(page.error(), false);
      return;
    }
    const bool wants_more = walk->visit(*page);
    const bool has_more = !page->next.value.is_nil();
    if (wants_more && has_more && ++walk->pages < longest_walk) {
      walk->filter.before = page->next;
      go_on(walk);
    } else {
      walk->done({}, !has_more);
    }
  };
  walk->actors.ask<job_page>(&actors::directory::queue, on_page, list_atom_v, walk->filter);
}

}  // namespace

void walk_jobs(
    const bridge& actors,
    job_filter filter,
    std::function<bool(const job_page& page)> visit,
    std::function<void(const failure& error, bool is_complete)> done
) {
  filter.limit = 500;
  go_on(std::make_shared<job_walk>(job_walk{
      actors, std::move(filter), std::move(visit), std::move(done)}));
}

}  // namespace stayler::http
