// SPDX-License-Identifier: MIT
#pragma once

// Group commit: a store makes a batch durable with one flush, and while one batch is being written,
// everything that arrives forms the next. So a lone change waits for nobody, and a thousand share a
// flush.
// Source: D. DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD
// 1984.

#include "adapters/job_store/job_store.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace stayler::policies {

/// Collects changes of a job store into batches, of which one at a time is in flight. All calls
/// come from one thread.
class store_batcher {
 public:
  using batch = std::vector<adapters::store_change>;
  using on_reply = std::function<void(adapters::store_reply&)>;

  /// `prepare` is called before a batch goes out: the last chance to add() to it. `send` hands a
  /// batch to the store, whose answer comes later, as written() or failed().
  store_batcher(std::function<void()> prepare, std::function<void(batch)> send);

  /// Adds a change to the next batch; flush() sends it. `done` gets what the store says to it.
  void add(adapters::store_change change, on_reply done);

  /// Adds a change and sends the batch.
  void write(adapters::store_change change, on_reply done);

  /// Sends what has collected, or leaves it for the end of the batch in flight.
  void flush();

  /// The store has taken the batch in flight: each of its changes gets its reply, in order. What
  /// the replies lead to is collected, and goes out with the next batch, now.
  void written(std::vector<adapters::store_reply>& replies);

  /// The store could not be asked: each change of the batch in flight gets the failure. What had
  /// arrived meanwhile goes out now.
  void failed(const failure& error);

  /// Changes that have collected for the next batch.
  [[nodiscard]] std::size_t waiting() const noexcept { return changes_.size(); }

 private:
  /// Ends the batch in flight. Until all replies are out it counts as being in flight, so that what
  /// they lead to forms one batch.
  void deliver(std::vector<adapters::store_reply>& replies);

  std::function<void()> prepare_;
  std::function<void(batch)> send_;
  batch changes_;
  std::vector<on_reply> replies_;  ///< one for each change
  std::vector<on_reply> in_flight_;
  bool is_in_flight_ = false;
};

}  // namespace stayler::policies
