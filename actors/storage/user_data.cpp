// SPDX-License-Identifier: MIT
#include "actors/storage/user_data.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/failure.hpp"
#include "actors/support/handle.hpp"
#include "actors/support/reply_promise.hpp"
#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::service::log;

constexpr std::uint32_t rows_at_a_time = 500;
constexpr std::uint32_t images_at_a_time = 50;

/// The first look cancels what runs; the second finds what it has left.
constexpr std::uint32_t least_looks = 2;

constexpr milliseconds queue_timeout{60'000};

std::string describe(const erased_counts& erased) {
  return fmt::format(
      "{} jobs, {} images, {} conversions, {} notifications, {} cached pictures, {} days of "
      "spending",
      erased.jobs, erased.images, erased.conversions, erased.notifications, erased.cached_pictures,
      erased.spending
  );
}

}  // namespace

caf::result<erasure> user_data_state::erase(const std::string& user_id) {
  const auto known = std::ranges::find(open_, user_id, &erasure::user_id);
  if (known != open_.end()) {
    looks_ = known == open_.begin() ? 0 : looks_;  // for what has come since the last one
    return *known;
  }
  erasure wanted;
  const timestamp now = options_.clock->now();
  wanted.id = make_uuid_v7(now);
  wanted.user_id = user_id;
  wanted.user_tag = options_.tags->of(user_id);
  wanted.requested_at = now;
  if (auto saved = save(wanted); !saved) {
    return to_error(saved.error());
  }
  open_.push_back(wanted);
  proceed();
  return wanted;
}

caf::result<erasure> user_data_state::find(const uuid& id) {
  return to_caf_result(options_.records->find_erasure(id));
}

caf::result<user_records> user_data_state::list(const user_records_query& query) {
  user_records found;
  if (query.what == user_records_query::kind::conversions) {
    auto some = options_.records->conversions_of(query.user_id, query.after, query.limit);
    if (!some) {
      return to_error(some.error());
    }
    found.conversions = *std::move(some);
  } else {
    auto some = options_.records->images_of(query.user_id, query.after, query.limit);
    if (!some) {
      return to_error(some.error());
    }
    found.images = *std::move(some);
  }
  return found;
}

void user_data_state::change_settings(const settings& changed) {
  const bool is_earlier = changed.cleanup_interval < options_.config.cleanup_interval;
  options_.config = changed;
  if (is_earlier) {
    expire_in(changed.cleanup_interval);
  }
}

void user_data_state::expire_in(milliseconds pause) {
  self_->delayed_send(self_, pause, expire_atom_v, ++expiry_);
}

void user_data_state::proceed() {
  if (!is_busy_ && !open_.empty()) {
    is_busy_ = true;
    looks_ = 0;
    self_->send(self_, sweep_atom_v);
  }
}

void user_data_state::sweep() {
  if (open_.empty()) {
    return;
  }
  found_ = 0;
  if (open_.front().user_id.empty()) {
    complete();  // all but the scrubbing was done
    return;
  }
  self_->request(options_.queue, queue_timeout, erase_atom_v, open_.front().user_id)
      .then(
          [this](const erased_jobs& jobs) {
            open_.front().erased.jobs += jobs.erased;
            found_ += jobs.erased + jobs.left;
            sweep_records();
          },
          [this](const caf::error& reason) { put_off(to_failure(reason)); }
      );
}

/// Others' messages, pings among them, come in between.
void user_data_state::sweep_records() {
  const auto is_more_of_records = erase_some_records();
  const auto is_more =
      is_more_of_records && !*is_more_of_records ? erase_some_images() : is_more_of_records;
  if (!is_more) {
    put_off(is_more.error());
  } else if (*is_more) {
    self_->send(self_, sweep_records_atom_v);
  } else if (const auto erased = erase_rest(); !erased) {
    put_off(erased.error());
  } else {
    end_sweep();
  }
}

result<bool> user_data_state::erase_some_records() {
  erasure& of = open_.front();
  const auto erased = options_.records->erase_conversions_of(of.user_id, rows_at_a_time);
  if (!erased) {
    return erased.error();
  }
  of.erased.conversions += *erased;
  found_ += *erased;
  return *erased == rows_at_a_time;
}

/// After the conversions, which may refer to them.
result<bool> user_data_state::erase_some_images() {
  erasure& of = open_.front();
  const auto some = options_.records->images_of(of.user_id, "", images_at_a_time);
  if (!some) {
    return some.error();
  }
  for (const image_record& each : *some) {
    if (auto removed = remove_image(each); !removed) {
      return std::move(removed).error();
    }
    ++of.erased.images;
    ++found_;
  }
  return some->size() == images_at_a_time;
}

void_result user_data_state::erase_rest() {
  erasure& of = open_.front();
  tell(options_.notifier, erase_atom_v, of.user_id);
  const auto add = [this](std::uint64_t& to, const result<std::uint64_t>& erased) -> void_result {
    if (!erased) {
      return erased.error();
    }
    to += *erased;
    found_ += *erased;
    return ok();
  };
  auto done =
      add(of.erased.notifications, adapters::erase_notifications_of(*options_.outbox, of.user_id));
  if (done) {
    done = add(of.erased.cached_pictures, options_.cache->erase_user(of.user_id));
  }
  return done ? add(of.erased.spending, options_.records->erase_spending_of(of.user_id)) : done;
}

void user_data_state::end_sweep() {
  erasure& of = open_.front();
  of.error.clear();
  ++looks_;
  if (auto saved = save(of); !saved) {
    put_off(saved.error());
  } else if (found_ > 0 || looks_ < least_looks) {
    self_->delayed_send(self_, options_.sweep_pause, sweep_atom_v);
  } else {
    forget_events();
  }
}

void user_data_state::forget_events() {
  const auto self = caf::actor_cast<caf::actor>(self_);
  options_.events->forget_all([self](const void_result& forgotten) {
    caf::anon_send(self, finish_atom_v, forgotten);
  });
}

void user_data_state::finish(const void_result& forgotten) {
  if (open_.empty() || !forgotten) {
    if (!open_.empty()) {
      put_off(forgotten.error());
    }
    return;
  }
  if (looks_ < least_looks) {
    self_->send(self_, sweep_atom_v);
    return;
  }
  // From here on nothing but the tag says whose data it was.
  erasure nameless = open_.front();
  nameless.user_id.clear();
  if (auto saved = save(nameless); !saved) {
    put_off(saved.error());
    return;
  }
  open_.front() = std::move(nameless);
  complete();
}

void user_data_state::complete() {
  if (options_.scrub) {
    if (const auto scrubbed = options_.scrub(); !scrubbed) {
      put_off(scrubbed.error());
      return;
    }
  }
  erasure done = open_.front();
  done.ended_at = options_.clock->now();
  done.error.clear();
  if (auto saved = save(done); !saved) {
    put_off(saved.error());
    return;
  }
  record("erased a user's data", done.user_tag, describe(done.erased));
  open_.pop_front();
  is_busy_ = false;
  proceed();
}

void user_data_state::put_off(const failure& why) {
  erasure& of = open_.front();
  log.warning(
      "an erasure could not go on, and is tried again",
      {{"erasure", to_string(of.id)}, {"errorClass", why.kind}, {"reason", why.message}}
  );
  // A caller learns the class; the words may name hosts and paths.
  of.error = to_string(why.kind);
  static_cast<void>(save(of));
  looks_ = 0;
  // What keeps this one need not keep the others.
  std::rotate(open_.begin(), std::next(open_.begin()), open_.end());
  self_->delayed_send(self_, options_.retry_pause, sweep_atom_v);
}

void user_data_state::take_over() {
  self_->delayed_send(self_, options_.take_over_pause, take_over_atom_v);
  auto left = options_.records->open_erasures();
  if (!left) {
    return;  // the records are away; there is another time
  }
  const timestamp stale = options_.clock->now() - options_.take_over_pause;
  for (erasure& each : *left) {
    const bool is_known = std::ranges::find(open_, each.id, &erasure::id) != open_.end();
    if (!is_known && (is_first_look_ || each.updated_at < stale)) {
      open_.push_back(std::move(each));
    }
  }
  is_first_look_ = false;
  proceed();
}

void user_data_state::expire(std::uint64_t expiry) {
  if (expiry != expiry_) {
    return;  // another one has been set since
  }
  const settings& config = options_.config;
  bool is_more = false;
  for (const auto& [type, kept] :
       {std::pair{"user", config.upload_retention}, {"result", config.result_retention}}) {
    const auto some = kept.count() > 0 ? expire_some(type, kept) : result<bool>{false};
    if (!some) {
      log.warning("pictures past their time stay", {{"reason", some.error().message}});
    }
    is_more = is_more || (some && *some);
  }
  if (config.record_retention.count() > 0) {
    const auto erased = options_.records->erase_conversions_before(
        options_.clock->now() - config.record_retention, rows_at_a_time
    );
    is_more = is_more || (erased && *erased == rows_at_a_time);
  }
  expire_in(is_more ? milliseconds{0} : options_.config.cleanup_interval);
}

result<bool> user_data_state::expire_some(const std::string& type, milliseconds kept) {
  const auto some =
      options_.records->images_before(type, options_.clock->now() - kept, images_at_a_time);
  if (!some) {
    return some.error();
  }
  std::size_t count = 0;
  for (const image_record& each : *some) {
    const auto removed = remove_image(each);
    count += removed ? 1 : 0;
    if (!removed) {
      // The others go all the same.
      log.warning(
          "a picture past its time stays",
          {{"imageId", each.id}, {"reason", removed.error().message}}
      );
    }
  }
  if (count > 0) {
    record("removed pictures past their retention", type, fmt::format("{} images", count));
  }
  return count == images_at_a_time;
}

/// The row goes last: it is what finds the bytes.
void_result user_data_state::remove_image(const image_record& image) {
  for (const std::string& key : {image.thumbnail_key, image.blob_key}) {
    auto removed = key.empty() ? ok() : options_.blobs->remove(key);
    // What the application has put into its rows may be no key of ours.
    if (!removed && removed.error().kind != error_class::invalid_input) {
      return removed;
    }
  }
  const auto gone = options_.records->remove_image(image.id);
  return gone || gone.error().kind == error_class::not_found ? ok() : void_result{gone.error()};
}

void_result user_data_state::save(erasure& changed) {
  changed.updated_at = options_.clock->now();
  return options_.records->save_erasure(changed);
}

void user_data_state::record(std::string action, const std::string& target, std::string details)
    const {
  if (!options_.audit) {
    return;
  }
  adapters::audit_record made;
  made.at = options_.clock->now();
  made.who = "stayler-worker";
  made.action = std::move(action);
  made.target = target;
  made.details = std::move(details);
  made.status = 200;
  options_.audit->add(made);
}

user_data_impl::behavior_type user_data_state::make_behavior(user_data_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  take_over();
  expire_in(options_.config.cleanup_interval);
  using self = user_data_state;
  return {
      handle<erase_atom>(*this, &self::erase),
      handle<find_atom>(*this, &self::find),
      handle<list_atom>(*this, &self::list),
      handle<settings_atom>(*this, &self::change_settings),
      handle<sweep_atom>(*this, &self::sweep),
      handle<sweep_records_atom>(*this, &self::sweep_records),
      handle<finish_atom>(*this, &self::finish),
      handle<take_over_atom>(*this, &self::take_over),
      handle<expire_atom>(*this, &self::expire),
  };
}

user_data_impl::behavior_type user_data(user_data_state::pointer self, user_data_options options) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
