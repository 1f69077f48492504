// SPDX-License-Identifier: MIT
#pragma once

#include "actors/supervision/directory.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

/// Whom a worker asks. On a node the first three are the link to its coordinator.
struct worker_peers {
  lease_service_actor queue;
  conversion_records_actor records;
  notification_sink_actor notifier;
  image_library_actor library;
  image_processor_actor images;
  gemini_client_actor gemini;
  result_cache_actor cache;  ///< null: nothing is kept
  metrics_actor metrics;
};

/// A worker's peers in a process that has all of them.
worker_peers peers_from(const directory& parts);

struct worker_options {
  std::string worker_id;
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  worker_peers peers;
  milliseconds renew_interval{10'000};  ///< a third of the lease, so that one may get lost
};

/// The worker's own timers, beside its public interface.
using worker_impl = worker_actor::extend<
    /// Time to renew the lease of that attempt.
    caf::reacts_to<renew_atom, attempt_id>,
    /// That attempt has had its job timeout.
    caf::reacts_to<caf::tick_atom, attempt_id>,
    /// The store may take the attempt's outcome now.
    caf::reacts_to<finish_atom, attempt_id>,
    /// The store that refused the attempt's picture may be back.
    caf::reacts_to<retry_atom, attempt_id>>;

/// Executes one job at a time as a state machine over messages:
///
///   idle -> downloading -> converting -> processing -> uploading -> recording -> notifying
///        -> finishing -> idle
///
/// Every stage is a request to another actor; its answer leads to the next stage, a failure to
/// `finishing`. Answers that belong to an attempt which is no longer the current one are dropped.
/// For requests to actors of this service, none of which works for long.
inline constexpr milliseconds peer_timeout{60'000};

class worker_state {
 public:
  static inline const char* name = "worker";

  using pointer = worker_impl::stateful_pointer<worker_state>;

  void begin(pointer self, worker_options options);

  void assign(job& leased);
  void cancel(const attempt_id& attempt);
  void release();
  void retire();
  void renew(const attempt_id& attempt);
  void time_out(const attempt_id& attempt);
  /// Reports the outcome; repeated until the queue has it or refuses it.
  void report_outcome(const attempt_id& attempt);
  /// Takes the step again that waits for a store.
  void take_step_again(const attempt_id& attempt);
  void change_settings(settings& changed) { options_.config = std::move(changed); }

 private:
  /// Sends a request whose answer only counts while the attempt that asked is the current one; an
  /// error ends the attempt.
  template <class Answer, class Then, class Peer, class... Args>
  void ask(milliseconds timeout, const Peer& peer, Then then, Args... args);

  /// The same with an answer of one's own to an error.
  template <class Answer, class Then, class Else, class Peer, class... Args>
  void ask_or_else(milliseconds timeout, const Peer& peer, Then then, Else or_else, Args... args);

  /// A step with the finished picture was refused. A store that is away is waited for, as long as
  /// the attempt lasts: the picture was paid for. Anything else ends the attempt.
  void wait_out(const failure& error, std::function<void()> step);

  void enter(job_stage stage, std::uint32_t percent);
  void leave_stage();

  void mark_processing();
  void adopt_recorded_result();
  void download();
  void download_pair();
  void fetch_image(const std::string& id, const std::function<void(stored_image&)>& then);
  void pictures_ready();
  void convert();
  generation_request make_generation_request();
  void generate();
  /// Says how the provider has answered.
  void settle_call(const call_settlement& settlement);
  /// The picture of the last call has proved to be one.
  void cache_picture();
  void transform();
  void finish_picture(generation_result& generated);
  void upload(finished_image& picture);
  void store(const new_image& made);
  void describe_result(const image_record& stored);
  void commit(const image_record& stored);
  void pass_point_of_no_return();
  void record();
  void write_record();
  void notify();

  void complete();
  void fail(const failure& error);
  void stop(attempt_outcome_kind kind);
  void settle(attempt_outcome outcome);
  void remove_result();
  void become_idle();

  [[nodiscard]] bool is_current(const attempt_id& attempt) const;
  [[nodiscard]] milliseconds time_left() const;
  [[nodiscard]] image_format output_format() const;

  pointer self_ = nullptr;
  worker_options options_;
  bool is_retiring_ = false;

  // The attempt; nothing of it outlives become_idle().
  std::optional<job> job_;
  std::optional<attempt_outcome> outcome_;  ///< set: only the report is left to do
  timestamp deadline_;
  job_stage stage_ = job_stage::queued;
  caf::actor_clock::time_point stage_began_;
  std::vector<encoded_image> pictures_;        ///< the person, the garment
  std::vector<image_signature> signatures_;  ///< of the pictures, which go to the provider
  generation_result generated_;                ///< kept until it has proved to be a picture
  bool is_stored_ = false;                     ///< a result image is there that nobody knows yet
  bool may_be_reported_ = false;               ///< the outcome was sent, and no answer came
  std::function<void()> waiting_step_;         ///< set: a store is waited for
};

worker_impl::behavior_type worker(worker_state::pointer self, worker_options options);

}  // namespace stayler::actors
