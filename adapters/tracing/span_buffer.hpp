// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/tracing/span.hpp"
#include "messages/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Finished spans that wait to be sent. Of too many the oldest go: nobody waits for room here. All
/// members are safe to call from any thread, and hold a lock for no longer than a push.
class span_buffer {
 public:
  explicit span_buffer(std::size_t capacity = 2'048, std::size_t batch = 512)
      : capacity_(capacity), batch_(batch) {}

  void add(span finished);

  /// The oldest, a batch at most.
  std::vector<span> take();

  /// How many were dropped since this was asked last.
  std::uint64_t take_overflowed();

  [[nodiscard]] bool is_empty() const;

  /// Called on the thread that adds, whenever a batch is full. It must not block. Replaces an
  /// earlier one.
  void on_full_batch(std::function<void()> wake);

 private:
  const std::size_t capacity_;
  const std::size_t batch_;
  mutable std::mutex mutex_;
  std::deque<span> waiting_;
  std::uint64_t overflowed_ = 0;
  std::function<void()> wake_;
};

/// Null where this process records no spans.
using span_buffer_ptr = std::shared_ptr<span_buffer>;

/// A span that is not finished yet; nothing where it is not recorded.
using open_span = std::optional<span>;

/// A span that begins now, where that place's trace is recorded here.
open_span start_span(
    const span_buffer_ptr& spans, const trace_context& parent, std::string_view name, span_kind kind
);

/// Ends it now, with that error or well, and hands it out; nothing where there is none.
open_span finish_span(open_span& ending, error_class error = error_class::none);

/// The same, and records it.
void end_span(
    const span_buffer_ptr& spans, open_span& ending, error_class error = error_class::none
);

/// The same with spans below it that have finished before. They are recorded after it: of a process
/// that is killed meanwhile nothing is left that is below nothing.
void end_span(
    const span_buffer_ptr& spans, open_span& ending, std::vector<span>& parts, error_class error
);

}  // namespace stayler::adapters
