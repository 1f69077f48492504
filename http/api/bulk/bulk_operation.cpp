// SPDX-License-Identifier: MIT
#include "http/api/bulk/bulk_operation.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/answers.hpp"
#include "http/api/json/members/json_members.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::array<std::string_view, 4> state_names{"running", "done", "stopped", "failed"};

/// At a time: they share a flush of the store, and others' changes wait for no longer.
constexpr std::uint32_t jobs_per_step = 100;

constexpr std::size_t operations_kept = 100;

std::uint32_t page_size(std::uint32_t rate_per_minute) {
  return rate_per_minute == 0 ? jobs_per_step : std::clamp(rate_per_minute / 60, 1U, jobs_per_step);
}

/// True where the queue has looked at the job and said no.
bool is_refusal(error_class kind) {
  return kind == error_class::conflict || kind == error_class::not_found;
}

}  // namespace

std::string_view to_string(operation_state state) noexcept {
  return state_names[static_cast<std::size_t>(state)];
}

bulk_operation::bulk_operation(
    const bridge& actors, std::shared_ptr<const adapters::wall_clock> clock, operation_plan plan
)
    : actors_(actors),
      clock_(std::move(clock)),
      plan_(std::move(plan)),
      created_at_(clock_->now()),
      filter_(plan_.jobs.filter) {
  filter_.limit = page_size(plan_.rate_per_minute);
}

void bulk_operation::start() {
  if (plan_.validity) {
    revocation_ = plan_.validity->on_revocation([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->stop();
      }
    });
  }
  ask_page();
}

bool bulk_operation::stop() {
  {
    const std::lock_guard lock{mutex_};
    if (state_ != operation_state::running) {
      return false;
    }
    wants_stop_ = true;
  }
  actors_.run([self = shared_from_this()](bridge_self*) { self->end_pause(); });
  return true;
}

/// The next page is asked for; nothing where that has been done meanwhile.
void bulk_operation::end_pause() {
  if (std::exchange(is_pausing_, false)) {
    ask_page();
  }
}

bool bulk_operation::is_stopped() const {
  const std::lock_guard lock{mutex_};
  return wants_stop_ || (plan_.validity && plan_.validity->is_revoked());
}

void bulk_operation::ask_page() {
  if (is_stopped()) {
    end(operation_state::stopped, "");
    return;
  }
  actors_.ask<job_page>(
      &actors::directory::queue,
      [self = shared_from_this()](result<job_page> page) {
        if (page) {
          self->take_page(*page);
        } else {
          self->end(operation_state::failed, conceal(page.error()).message);
        }
      },
      list_atom_v, filter_
  );
}

void bulk_operation::take_page(job_page& page) {
  if (plan_.is_selected) {
    std::erase_if(page.jobs, [this](const job& each) { return !plan_.is_selected(each); });
  }
  is_last_page_ = page.next.value.is_nil();
  filter_.before = page.next;
  asked_ = unanswered_ = page.jobs.size();
  if (page.jobs.empty()) {
    end_page();
  }
  for (const job& each : page.jobs) {
    change(each.id);
  }
}

void bulk_operation::change(const job_id& id) {
  switch (plan_.action) {
    case bulk_action::retry:
      return ask(retry_atom_v, id);
    case bulk_action::cancel:
      return ask(cancel_atom_v, id);
    case bulk_action::drop:
      return ask(drop_atom_v, id);
  }
}

template <class Atom>
void bulk_operation::ask(Atom what, const job_id& id) {
  actors_.ask<job>(
      &actors::directory::queue,
      [self = shared_from_this()](const result<job>& answer) { self->take_answer(answer); }, what,
      id
  );
}

void bulk_operation::take_answer(const result<job>& answer) {
  if (!answer && !is_refusal(answer.error().kind)) {
    trouble_ = answer.error();
  } else {
    const std::lock_guard lock{mutex_};
    ++(answer ? done_ : refused_);
    if (!answer) {
      last_refusal_ = answer.error().message;
    }
  }
  if (--unanswered_ == 0) {
    end_page();
  }
}

void bulk_operation::end_page() {
  if (trouble_) {
    end(operation_state::failed, conceal(trouble_).message);
  } else if (is_last_page_) {
    end(operation_state::done, "");
  } else if (plan_.rate_per_minute > 0 && asked_ > 0 && !is_stopped()) {
    const milliseconds pause{
        static_cast<milliseconds::rep>(60'000 * asked_ / plan_.rate_per_minute)};
    is_pausing_ = true;
    actors_.run_later(pause, [self = shared_from_this()](bridge_self*) { self->end_pause(); });
  } else {
    ask_page();
  }
}

void bulk_operation::end(operation_state state, const std::string& why) {
  const std::lock_guard lock{mutex_};
  state_ = state;
  ended_at_ = clock_->now();
  last_refusal_ = why.empty() ? last_refusal_ : why;
}

std::string bulk_operation::render() const {
  const std::lock_guard lock{mutex_};
  adapters::json_writer json;
  json.begin_object().field("id", plan_.id).field("action", to_string(plan_.action));
  json.field("state", to_string(state_)).field("by", plan_.by);
  json.key("filter").raw(render_selection(plan_.jobs));
  // A dry run counts so far and no further.
  json.field("total", std::max(plan_.total, done_ + refused_));
  json.field("done", done_).field("refused", refused_);
  write_text(json, "lastRefusal", last_refusal_);
  write_time(json, "createdAt", created_at_);
  write_time_or_null(json, "endedAt", ended_at_);
  json.end_object();
  return std::move(json).text();
}

void operation_list::add(operation_ptr added) {
  const std::lock_guard lock{mutex_};
  operations_.push_front(std::move(added));
  if (operations_.size() > operations_kept) {
    operations_.pop_back();
  }
}

operation_list::operation_ptr operation_list::find(std::string_view id) const {
  const std::lock_guard lock{mutex_};
  const auto found = std::ranges::find_if(operations_, [id](const operation_ptr& each) {
    return each->id() == id;
  });
  return found == operations_.end() ? nullptr : *found;
}

std::vector<operation_list::operation_ptr> operation_list::all() const {
  const std::lock_guard lock{mutex_};
  return {operations_.begin(), operations_.end()};
}

}  // namespace stayler::http
