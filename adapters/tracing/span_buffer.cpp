// SPDX-License-Identifier: MIT
#include "adapters/tracing/span_buffer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stayler::adapters {

void span_buffer::add(span finished) {
  std::function<void()> wake;
  {
    const std::lock_guard lock{mutex_};
    const bool is_full = waiting_.size() == capacity_;
    if (is_full) {
      waiting_.pop_front();
      ++overflowed_;
    }
    waiting_.push_back(std::move(finished));
    // Whoever lets it overflow has been woken, and cannot send for the moment.
    if (waiting_.size() % batch_ == 0 && !is_full) {
      wake = wake_;
    }
  }
  if (wake) {
    wake();
  }
}

std::vector<span> span_buffer::take() {
  const std::lock_guard lock{mutex_};
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_));
  std::vector<span> batch;
  std::move(waiting_.begin(), waiting_.begin() + count, std::back_inserter(batch));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return batch;
}

std::uint64_t span_buffer::take_overflowed() {
  const std::lock_guard lock{mutex_};
  return std::exchange(overflowed_, 0);
}

bool span_buffer::is_empty() const {
  const std::lock_guard lock{mutex_};
  return waiting_.empty();
}

void span_buffer::on_full_batch(std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  wake_ = std::move(wake);
}

open_span start_span(
    const span_buffer_ptr& spans, const trace_context& parent, std::string_view name, span_kind kind
) {
  const bool is_recorded = spans && parent.is_set() && parent.is_sampled;
  return is_recorded ? open_span{begin_span(parent, name, kind)} : std::nullopt;
}

open_span finish_span(open_span& ending, error_class error) {
  if (ending) {
    ending->ended = std::chrono::system_clock::now();
    if (error != error_class::none) {
      ending->error = to_string(error);
    }
  }
  return std::exchange(ending, std::nullopt);
}

void end_span(const span_buffer_ptr& spans, open_span& ending, error_class error) {
  if (auto finished = finish_span(ending, error)) {
    spans->add(*std::move(finished));
  }
}

void end_span(
    const span_buffer_ptr& spans, open_span& ending, std::vector<span>& parts, error_class error
) {
  end_span(spans, ending, error);
  for (span& part : std::exchange(parts, {})) {
    spans->add(std::move(part));
  }
}

}  // namespace stayler::adapters
