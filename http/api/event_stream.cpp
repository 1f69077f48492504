// SPDX-License-Identifier: MIT
#include "http/api/event_stream.hpp"

#include "adapters/json/json_writer.hpp"
#include "http/api/json/jobs/job_json.hpp"
#include "http/api/json/jobs/pause_json.hpp"

#include <atomic>
#include <utility>

namespace stayler::http {

namespace {

using adapters::feed_event;
using adapters::feed_page;
using adapters::feed_place;
using adapters::feed_subject;
using adapters::placed_event;

/// Ends the id of what is a job's last event. A browser comes back by itself when a stream ends,
/// and has to be told that there is no more.
constexpr std::string_view last_mark = ".end";

/// How long a client waits before it comes back.
constexpr std::string_view retry_line = "retry: 2000\n\n";

std::string render(std::string_view id, std::string_view name, std::string_view data) {
  std::string text;
  text.reserve(id.size() + name.size() + data.size() + 24);
  text.append("id: ").append(id).append("\nevent: ").append(name);
  return text.append("\ndata: ").append(data).append("\n\n");
}

std::string id_of(const feed_place& place, job_status status) {
  return to_string(place).append(is_final(status) ? last_mark : "");
}

/// Of a type that is paused, or goes on.
std::string render_pause(const feed_event& event) {
  adapters::json_writer json;
  json.begin_object();
  write_pause_members(json, event.pause);
  json.field("at", to_rfc3339(event.at)).end_object();
  return std::move(json).text();
}

std::string render_data(const feed_event& event) {
  adapters::json_writer json;
  json.begin_object();
  json.field("jobId", to_string(event.job)).field("type", to_string(event.type));
  json.field("userId", event.user_id).field("status", to_string(event.status));
  json.field("attempt", static_cast<std::uint64_t>(event.attempt));
  json.key("progress").begin_object();
  json.field("stage", to_string(event.progress.stage));
  json.field("percent", event.progress.percent).end_object();
  if (event.error != error_class::none) {
    json.field("errorClass", to_string(event.error));
  }
  if (!event.image_id.empty()) {
    json.field("imageId", event.image_id);
  }
  if (event.is_suspect) {
    json.field("suspect", true);
  }
  json.field("at", to_rfc3339(event.at)).end_object();
  return std::move(json).text();
}

class event_stream final : public body_stream {
 public:
  explicit event_stream(event_stream_options options)
      : options_(std::move(options)), follows_one_job_(!options_.filter.job.value.is_nil()) {
    options_.first.insert(0, retry_line);
  }

  void begin(std::function<void()> wake) override {
    if (options_.validity) {
      revocation_ = options_.validity->on_revocation(wake);
    }
    const auto tell = [told = is_told_, wake = std::move(wake)] {
      if (!told->exchange(true)) {
        wake();
      }
    };
    subscription_ = options_.feed->subscribe(tell);
    if (options_.overview) {
      ticks_ = options_.overview->subscribe(tell);
    }
  }

  piece next() override {
    is_told_->store(false);
    if (options_.validity && options_.validity->is_revoked()) {
      return {{}, true};
    }
    if (!options_.first.empty()) {
      return {std::exchange(options_.first, {}), false};
    }
    if (auto tick = take_tick(); !tick.empty()) {
      return {std::move(tick), false};
    }
    for (;;) {
      const feed_page page = options_.feed->after(options_.after, options_.filter);
      if (page.has_gap && follows_one_job_) {
        return {options_.last, true};
      }
      piece made{page.has_gap ? render(to_string(page.next), "gap", "{}") : "", false};
      options_.after = page.next;
      for (const placed_event& each : page.events) {
        made.bytes += take(each);
        if (follows_one_job_ && is_final(each.what.status)) {
          made.is_last = true;
          return made;
        }
      }
      if (!made.bytes.empty() || !page.has_more) {
        return made.bytes.empty() ? dry() : made;
      }
    }
  }

  /// With the place that has been reached: a follower to whom nothing was sent for long comes back
  /// to there.
  std::string heartbeat() override { return ":\nid: " + to_string(options_.after) + "\n\n"; }

  [[nodiscard]] milliseconds heartbeat_interval() const override { return options_.heartbeat; }

 private:
  std::string take(const placed_event& event) {
    if (follows_one_job_) {
      if (options_.known && adapters::is_behind(event.what, *options_.known)) {
        return {};
      }
      options_.known = event.what;
    }
    return render_event(event);
  }

  std::string take_tick() {
    const auto tick = options_.overview ? options_.overview->newest_tick() : overview_board::tick{};
    if (tick.number == last_tick_) {
      return {};
    }
    last_tick_ = tick.number;
    return *tick.event;
  }

  [[nodiscard]] piece dry() const { return {options_.last, !options_.last.empty()}; }

  event_stream_options options_;
  bool follows_one_job_;
  std::shared_ptr<std::atomic<bool>> is_told_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<void> subscription_;
  std::shared_ptr<void> revocation_;
  std::shared_ptr<void> ticks_;
  std::uint64_t last_tick_ = 0;
};

}  // namespace

std::optional<seen_event> parse_event_id(std::string_view text) {
  seen_event seen;
  seen.was_last = text.ends_with(last_mark);
  text.remove_suffix(seen.was_last ? last_mark.size() : 0);
  const auto place = adapters::parse_feed_place(text);
  if (!place) {
    return std::nullopt;
  }
  seen.place = *place;
  return seen;
}

std::string render_snapshot(
    const job& about, const feed_place& place, const policies::service_snapshot* service
) {
  return render(id_of(place, about.status), "snapshot", render_job(about, service));
}

std::string render_event(const placed_event& event) {
  const feed_event& what = event.what;
  if (what.subject != feed_subject::job) {
    const bool is_pause = what.subject == feed_subject::pause;
    return render(to_string(event.place), is_pause ? "pause" : "resume", render_pause(what));
  }
  const bool is_progress =
      what.status == job_status::processing && what.progress.stage != job_stage::queued;
  return render(
      id_of(event.place, what.status), is_progress ? "progress" : "status", render_data(what)
  );
}

std::shared_ptr<body_stream> make_event_stream(event_stream_options options) {
  return std::make_shared<event_stream>(std::move(options));
}

}  // namespace stayler::http
