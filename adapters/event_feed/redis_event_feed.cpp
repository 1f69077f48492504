// SPDX-License-Identifier: MIT
#include "adapters/event_feed/redis_event_feed.hpp"

#include "adapters/codec/byte_codec.hpp"
#include "adapters/encryption/row_cipher.hpp"
#include "adapters/log/log.hpp"
#include "adapters/redis/cluster/redis_locator.hpp"
#include "adapters/redis/connection/interruptible_wait.hpp"
#include "adapters/redis/connection/redis_sender.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::queue::log;

/// One entry of the stream holds what was told together, but not so much that a few fill a server.
constexpr std::size_t events_per_entry = 100;
constexpr std::size_t entries_per_call = 20;

/// Of the stream: some 30 MB at most, where a busy service fills each entry.
constexpr std::string_view kept_entries = "4000";

/// Events that wait for a Redis that is away; the oldest go first.
constexpr std::size_t most_waiting = 20'000;

constexpr std::string_view entries_per_read = "200";
constexpr std::string_view block_ms = "10000";
/// A server that has said nothing for longer than it was asked to wait is not there any more.
constexpr milliseconds silence{15'000};
constexpr milliseconds pause_between_connections{500};

std::string stream_id(const feed_place& place) {
  return std::to_string(place.time) + '-' + std::to_string(place.number);
}

/// An entry's id, "time-number".
feed_place place_of(std::string_view id) {
  return parse_feed_place(std::string{id} + "-0").value_or(feed_place{});
}

class redis_event_feed final : public event_feed {
 public:
  explicit redis_event_feed(redis_event_feed_options options)
      : key_("{" + options.queue + "}:events"),
        cipher_(row_cipher::for_contents(options.keys)),
        locator_(options.server, key_),
        sender_(std::move(options.server), key_),
        reader_([this](const std::stop_token& stop) { read(stop); }) {}

  redis_event_feed(const redis_event_feed&) = delete;
  redis_event_feed& operator=(const redis_event_feed&) = delete;

  ~redis_event_feed() override {
    reader_.request_stop();
    wait_.interrupt();
    const std::lock_guard lock{mutex_};
    is_closing_ = true;
  }

  void publish(std::vector<feed_event> events) override {
    const std::lock_guard lock{mutex_};
    std::move(events.begin(), events.end(), std::back_inserter(waiting_));
    if (waiting_.size() > most_waiting + sent_) {
      // What is on its way stays: it is counted.
      const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(sent_);
      waiting_.erase(first, waiting_.end() - static_cast<std::ptrdiff_t>(most_waiting));
      has_lost_some_ = true;
    }
    send_some();
  }

  /// What says that some are lost has each coordinator forget what it has of them.
  void forget_all(std::function<void(const void_result&)> done) override {
    sender_.send(
        {{"XTRIM", key_, "MAXLEN", "0"}, {"XADD", key_, "*", "e", content_of({}), "lost", "1"}},
        std::move(done)
    );
  }

 private:
  // What an entry holds, encrypted where there are keys.

  [[nodiscard]] std::string content_of(const std::vector<feed_event>& events) const {
    return cipher_.encrypt(key_, encode_bytes(events));
  }

  [[nodiscard]] std::optional<std::vector<feed_event>> events_in(std::string_view content) const {
    const auto bytes = cipher_.decrypt(key_, content);
    if (!bytes) {
      log.error("stored events cannot be read", {{"reason", bytes.error().message}});
      return std::nullopt;
    }
    return decode_bytes<std::vector<feed_event>>(*bytes);
  }

  // Writing: while some events are on their way, the others wait.

  void send_some() {
    if (sent_ > 0 || waiting_.empty()) {
      return;
    }
    std::vector<redis_sender::command> commands;
    while (sent_ < waiting_.size() && commands.size() < entries_per_call) {
      const std::size_t count = std::min(events_per_entry, waiting_.size() - sent_);
      const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(sent_);
      const std::vector<feed_event> together{first, first + static_cast<std::ptrdiff_t>(count)};
      redis_sender::command add{
          "XADD", key_, "MAXLEN", "~", std::string{kept_entries}, "*", "e", content_of(together)};
      if (commands.empty() && has_lost_some_) {
        add.insert(add.end(), {"lost", "1"});
      }
      commands.push_back(std::move(add));
      sent_ += count;
    }
    sender_.send(std::move(commands), [this, told = has_lost_some_](const void_result& outcome) {
      on_sent(outcome, told);
    });
  }

  void on_sent(const void_result& outcome, bool has_told_of_loss) {
    const std::lock_guard lock{mutex_};
    const std::size_t sent = std::exchange(sent_, 0);
    const bool will_do_later = !outcome && outcome.error().kind == error_class::unavailable;
    if (!will_do_later) {
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(sent));
      // Refused, as when the server is full: nobody will hear of these.
      has_lost_some_ = !outcome || (has_lost_some_ && !has_told_of_loss);
    }
    if (!is_closing_ || outcome) {
      send_some();
    }
  }

  // Reading: this process's ring follows the stream.

  void read(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (auto connection = locator_.connect()) {
        if (find_place(*connection)) {
          follow(*connection, stop);
        }
      }
      static_cast<void>(wait_.for_input(-1, pause_between_connections));
    }
  }

  /// Looks what the stream holds: what was cut off since this process last read is lost to it.
  void_result find_place(redis_connection& connection) {
    const auto first = connection.command({"XRANGE", key_, "-", "+", "COUNT", "1"});
    if (!first) {
      return first.error();
    }
    const auto last = connection.command({"XREVRANGE", key_, "+", "-", "COUNT", "1"});
    if (!last) {
      return last.error();
    }
    const feed_place oldest = place_of(first->value()[0][0].text());
    const feed_place newest = place_of(last->value()[0][0].text());
    if (read_to_ < oldest) {
      // Of the first entry itself nothing is missing.
      forget_before({oldest.time, oldest.number, 0});
    }
    if (newest < read_to_) {
      // The stream was lost, with its ids: what comes next may have any.
      read_to_ = newest;
    }
    expect({newest.time, newest.number, std::numeric_limits<std::uint32_t>::max()});
    return ok();
  }

  void follow(redis_connection& connection, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      connection.append(
          {"XREAD", "COUNT", entries_per_read, "BLOCK", block_ms, "STREAMS", key_,
           stream_id(read_to_)}
      );
      if (!connection.send() || !wait_.for_input(connection.descriptor(), silence)) {
        return;
      }
      const auto answer = connection.receive();
      if (!answer || answer->value().is_error()) {
        return;
      }
      take_entries(answer->value()[0][1]);
    }
  }

  void take_entries(redis_value entries) {
    std::vector<placed_event> placed;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      read_to_ = place_of(entries[i][0].text());
      const redis_value fields = entries[i][1];
      auto events = events_in(fields[1].text());
      if (fields.size() > 2 || !events) {
        take(std::exchange(placed, {}));
        forget_before(read_to_);
      }
      std::uint32_t index = 0;
      for (feed_event& each : events.value_or(std::vector<feed_event>{})) {
        placed.push_back({{read_to_.time, read_to_.number, ++index}, std::move(each)});
      }
    }
    if (!placed.empty()) {
      take(std::move(placed));
    }
  }

  std::string key_;
  row_cipher cipher_;

  std::mutex mutex_;
  std::deque<feed_event> waiting_;
  std::size_t sent_ = 0;  ///< of those that wait, from the first: they are on their way
  bool has_lost_some_ = false;
  bool is_closing_ = false;

  redis_locator locator_;  ///< the reader's own
  interruptible_wait wait_;
  feed_place read_to_;  ///< the last entry that was read; the reader's own

  // Last, so that their threads end first.
  redis_sender sender_;
  std::jthread reader_;
};

}  // namespace

std::shared_ptr<event_feed> make_redis_event_feed(redis_event_feed_options options) {
  return std::make_shared<redis_event_feed>(std::move(options));
}

}  // namespace stayler::adapters
