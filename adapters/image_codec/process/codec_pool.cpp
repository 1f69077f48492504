// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/codec_pool.hpp"

#include "adapters/log/log.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <limits>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::images::log;

bool is_readable(int descriptor) {
  ::pollfd wanted{descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, 0) > 0;
}

/// For poll: rounded up, -1 for ever.
int milliseconds_until(codec_pool::clock::time_point then) {
  if (then == codec_pool::clock::time_point::max()) {
    return -1;
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(then - codec_pool::clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace

result<std::unique_ptr<codec_pool>> codec_pool::start(const codec_pool_options& options) {
  std::unique_ptr<codec_pool> pool{new codec_pool{options}};
  if (!pool->wakeup_) {
    return failure{
        error_class::unavailable, "no eventfd: " + std::system_category().message(errno), {}};
  }
  pool->keeper_ = std::thread{[made = pool.get()] { made->keep(); }};
  std::unique_lock lock{pool->mutex_};
  const bool came = pool->changed_.wait_for(lock, options.start_timeout, [made = pool.get()] {
    return !made->free_.empty() || made->has_failed_to_start();
  });
  if (!pool->free_.empty()) {
    lock.unlock();
    return pool;
  }
  const std::string reason = came ? pool->schedule_.last_failure() : "it takes too long";
  lock.unlock();
  return failure{error_class::unavailable, "the image codec does not start: " + reason, {}};
}

codec_pool::codec_pool(const codec_pool_options& options)
    : options_(options), wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

codec_pool::~codec_pool() {
  {
    const std::lock_guard lock{mutex_};
    is_ending_ = true;
  }
  wake_keeper();
  if (keeper_.joinable()) {
    keeper_.join();
  }
}

/// None of the first processes has come up. Later on others are tried, but a service that cannot
/// have any at its start is better off with the reason at once.
bool codec_pool::has_failed_to_start() const {
  return starting_ == 0 && !schedule_.last_failure().empty();
}

result<std::unique_ptr<codec_child>> codec_pool::take(
    clock::time_point deadline, clock::time_point born_after
) {
  std::unique_lock lock{mutex_};
  const auto find = [&] {
    return std::ranges::find_if(free_, [&](const auto& each) { return each->born() > born_after; });
  };
  const auto is_hopeless = [this] { return free_.empty() && !schedule_.problem().empty(); };
  const bool came = changed_.wait_until(lock, deadline, [&] {
    discard_dead();
    return (lent_ < options_.size && find() != free_.end()) || is_hopeless();
  });
  if (!came) {
    return failure{error_class::unavailable, "no image codec has become free in time", {}};
  }
  if (is_hopeless()) {
    return failure{
        error_class::unavailable, "no image codec can be started: " + schedule_.problem(), {}};
  }
  const auto found = find();
  auto child = std::move(*found);
  free_.erase(found);
  ++lent_;
  return child;
}

/// Processes that have ended while nobody used them: that is no picture's fault.
void codec_pool::discard_dead() {
  const auto dead = std::partition(free_.begin(), free_.end(), [](const auto& child) {
    return !is_readable(child->socket());
  });
  if (dead == free_.end()) {
    return;
  }
  losses_of(counts_, codec_loss::killed) += static_cast<std::size_t>(free_.end() - dead);
  std::move(dead, free_.end(), std::back_inserter(retired_));
  free_.erase(dead, free_.end());
  wake_keeper();
}

void codec_pool::give_back(std::unique_ptr<codec_child> child) {
  const bool is_worn =
      child->calls() >= options_.max_calls || child->resident_bytes() > options_.max_resident_bytes;
  {
    const std::lock_guard lock{mutex_};
    --lent_;
    if (is_worn) {
      retired_.push_back(std::move(child));
    } else {
      // The first one is lent first: its memory has been touched.
      free_.insert(free_.begin(), std::move(child));
    }
    counts_.recycled += is_worn ? 1 : 0;
  }
  changed_.notify_all();
  if (is_worn) {
    wake_keeper();
  }
}

void codec_pool::bury(std::unique_ptr<codec_child> child, codec_loss why) {
  log.warning(
      "a codec process is lost",
      {{"reason", codec_loss_names[static_cast<std::size_t>(why)]}, {"pid", child->pid()}}
  );
  {
    const std::lock_guard lock{mutex_};
    --lent_;
    ++losses_of(counts_, why);
    retired_.push_back(std::move(child));
  }
  changed_.notify_all();
  wake_keeper();
}

void codec_pool::count_retry() {
  const std::lock_guard lock{mutex_};
  ++counts_.retried_calls;
}

codec_status codec_pool::status() const {
  const std::lock_guard lock{mutex_};
  codec_status now = counts_;
  now.running = static_cast<std::uint32_t>(free_.size() + lent_);
  now.problem = schedule_.problem();
  return now;
}

/// The keeper's thread.
void codec_pool::keep() {
  std::vector<starting_child> starting;
  for (;;) {
    std::vector<std::unique_ptr<codec_child>> to_end;
    {
      const std::lock_guard lock{mutex_};
      if (is_ending_) {
        break;
      }
      to_end.swap(retired_);
    }
    to_end.clear();
    spawn_missing(starting);
    await_news(starting);
    welcome_started(starting);
  }
  starting.clear();
  free_.clear();
  retired_.clear();
}

std::size_t codec_pool::count_missing() const {
  const std::lock_guard lock{mutex_};
  const std::size_t there = free_.size() + lent_ + starting_;
  const std::size_t wanted = options_.size + 1;
  const bool may_start = schedule_.next_start() <= clock::now();
  return may_start && there < wanted ? wanted - there : 0;
}

void codec_pool::spawn_missing(std::vector<starting_child>& starting) {
  for (std::size_t missing = count_missing(); missing > 0; --missing) {
    {
      const std::lock_guard lock{mutex_};
      ++starting_;
    }
    auto child = codec_child::spawn(options_.child);
    if (!child) {
      note_failed_start(child.error());
      return;
    }
    starting.push_back({std::move(*child), clock::now() + options_.start_timeout});
  }
}

/// Waits until a process that was started has said something or is overdue, another may be started,
/// or somebody has called wake_keeper().
void codec_pool::await_news(const std::vector<starting_child>& starting) {
  auto until = clock::time_point::max();
  {
    const std::lock_guard lock{mutex_};
    if (free_.size() + lent_ + starting_ < options_.size + 1) {
      until = schedule_.next_start();
    }
  }
  std::vector<::pollfd> wanted{{wakeup_.number(), POLLIN, 0}};
  for (const auto& [child, deadline] : starting) {
    wanted.push_back({child->socket(), POLLIN, 0});
    until = std::min(until, deadline);
  }
  ::poll(wanted.data(), wanted.size(), milliseconds_until(until));
  std::uint64_t wakeups = 0;
  [[maybe_unused]] const auto got = ::read(wakeup_.number(), &wakeups, sizeof wakeups);
}

void codec_pool::welcome_started(std::vector<starting_child>& starting) {
  std::vector<starting_child> silent;
  for (starting_child& each : starting) {
    if (is_readable(each.child->socket())) {
      welcome(std::move(each.child));
    } else if (clock::now() < each.deadline) {
      silent.push_back(std::move(each));
    } else {
      note_failed_start({error_class::unavailable, "a codec process takes too long to start", {}});
    }
  }
  starting = std::move(silent);
}

void codec_pool::welcome(std::unique_ptr<codec_child> child) {
  if (const auto ready = child->read_ready(); !ready) {
    note_failed_start(ready.error());
    return;
  }
  {
    const std::lock_guard lock{mutex_};
    --starting_;
    schedule_.succeeded();
    free_.push_back(std::move(child));
  }
  changed_.notify_all();
}

/// Of one that was counted as starting.
void codec_pool::note_failed_start(const failure& why) {
  log.error("a codec process did not start", {{"reason", why.message}});
  {
    const std::lock_guard lock{mutex_};
    --starting_;
    schedule_.failed(clock::now(), why.message);
    ++losses_of(counts_, codec_loss::start_failed);
  }
  changed_.notify_all();
}

void codec_pool::wake_keeper() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wakeup_.number(), &one, sizeof one);
}

}  // namespace stayler::adapters
