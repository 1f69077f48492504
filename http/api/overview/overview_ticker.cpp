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
      : actors_(actors.with_timeout(interval)),
        board_(std::move(board)),
        clock_(std::move(clock)),
        interval_(interval) {}

  void begin_round() {
    const auto next = std::make_shared<round>();
    next->now.at = clock_->now();
    ask(next, &directory::queue, &policies::service_snapshot::queue, status_atom_v);
    ask(next, &directory::metrics, &policies::service_snapshot::latencies, status_atom_v);
    ask(next, &directory::limits, &policies::service_snapshot::provider, status_atom_v);
    ask(next, &directory::limits, &policies::service_snapshot::costs, spending_atom_v);
  }

 private:
  struct round {
    policies::service_snapshot now;
    std::size_t unanswered = 4;
  };

  template <class Handle, class Part, class Atom>
  void ask(
      const std::shared_ptr<round>& of,
      Handle directory::*role,
      std::optional<Part> policies::service_snapshot::*part,
      Atom question
  ) {
    const auto on_answer = [self = shared_from_this(), of, part](result<Part> answer) {
      if (answer) {
        of->now.*part = *std::move(answer);
      }
      if (--of->unanswered == 0) {
        self->end_round(std::move(of->now));
      }
    };
    actors_.ask<Part>(role, on_answer, question);
  }

  void end_round(policies::service_snapshot now) {
    board_->update(std::move(now));
    const milliseconds past = clock_->now().time_since_epoch() % interval_;
    actors_.run_later(interval_ - past, [self = shared_from_this()](bridge_self*) {
      self->begin_round();
    });
  }

  bridge actors_;
  std::shared_ptr<overview_board> board_;
  std::shared_ptr<const adapters::wall_clock> clock_;
  milliseconds interval_;
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
