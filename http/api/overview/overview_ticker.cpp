// SPDX-License-Identifier: MIT
#include "http/api/overview/overview_ticker.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace stayler::http {

namespace {

using actors::directory;

/// What all rounds of asking have in common. Its functions run on the bridge's actor.
class overview_ticker : public std::enable_shared_from_this<overview_ticker> {
 public:
  overview_ticker(
      const bridge& actors,
      std::shared_ptr<overview_board> board,
      std::shared_ptr<const adapters::wall_clock> clock,
      milliseconds interval
  )
      : actors_(actors), board_(std::move(board)), clock_(std::move(clock)), interval_(interval) {}

  void begin_round() {
    using policies::service_snapshot;
    const auto next = std::make_shared<round>();
    next->now = std::exchange(late_, {});
    next->now.at = clock_->now();
    ask(next, asked_queue_, &directory::queue, &service_snapshot::queue, status_atom_v);
    ask(next, asked_metrics_, &directory::metrics, &service_snapshot::latencies, status_atom_v);
    ask(next, asked_provider_, &directory::limits, &service_snapshot::provider, status_atom_v);
    ask(next, asked_costs_, &directory::limits, &service_snapshot::costs, spending_atom_v);
    if (next->unanswered == 0) {
      end_round(*next);
      return;
    }
    actors_.run_later(interval_ * 9 / 10, [self = shared_from_this(), next](bridge_self*) {
      self->end_round(*next);
    });
  }

 private:
  struct round {
    policies::service_snapshot now;
    std::size_t unanswered = 0;
    bool has_ended = false;
  };

  /// A part that still owes an answer is not asked again: a store that is away would find as many
  /// questions when it is back as seconds have passed, and all work behind them.
  template <class Handle, class Part, class Atom>
  void ask(
      const std::shared_ptr<round>& of,
      bool& is_asked,
      Handle directory::*role,
      std::optional<Part> policies::service_snapshot::*part,
      Atom question
  ) {
    if (std::exchange(is_asked, true)) {
      return;
    }
    ++of->unanswered;
    const auto on_answer = [self = shared_from_this(), of, part, &is_asked](result<Part> answer) {
      is_asked = false;
      if (answer) {
        (of->has_ended ? self->late_ : of->now).*part = *std::move(answer);
      }
      if (--of->unanswered == 0) {
        self->end_round(*of);
      }
    };
    actors_.ask<Part>(role, on_answer, question);
  }

  void end_round(round& ended) {
    if (std::exchange(ended.has_ended, true)) {
      return;
    }
    board_->update(std::move(ended.now));
    const milliseconds past = clock_->now().time_since_epoch() % interval_;
    actors_.run_later(interval_ - past, [self = shared_from_this()](bridge_self*) {
      self->begin_round();
    });
  }

  bridge actors_;
  std::shared_ptr<overview_board> board_;
  std::shared_ptr<const adapters::wall_clock> clock_;
  milliseconds interval_;
  policies::service_snapshot late_;  ///< what was answered too late for its round
  bool asked_queue_ = false;
  bool asked_metrics_ = false;
  bool asked_provider_ = false;
  bool asked_costs_ = false;
};

}  // namespace

void keep_overview(
    const bridge& actors,
    const std::shared_ptr<overview_board>& board,
    const std::shared_ptr<const adapters::wall_clock>& clock,
    milliseconds interval
) {
  const auto ticker = std::make_shared<overview_ticker>(actors, board, clock, interval);
  actors.run([ticker](bridge_self*) { ticker->begin_round(); });
}

}  // namespace stayler::http
