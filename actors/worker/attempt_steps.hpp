// SPDX-License-Identifier: MIT
#pragma once

#include "actors/worker/attempt_report.hpp"
#include "actors/worker/worker_context.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace stayler::actors {

/// Takes the steps of the worker's attempt, in the order of the tables in attempt_steps.cpp. A step
/// is a request to another actor: its answer leads to the next step, a failure ends the attempt.
/// Answers are dropped once the attempt that asked has ended.
class attempt_steps {
 public:
  /// Both outlive this.
  attempt_steps(worker_context& context, attempt_report& report)
      : context_(context), report_(report) {}

  /// Takes the current attempt's next step; the first one for an attempt that has just begun. After
  /// the last the attempt is complete.
  void advance();

  /// Takes the latest step once more.
  void repeat();

 private:
  struct step {
    job_stage stage;
    std::uint32_t percent;  ///< of the work, when this step begins
    std::string_view name;  ///< of its span; empty: others record it
    void (attempt_steps::*take)();
  };

  static const step conversion_steps[];
  static const step image_processing_steps[];

  [[nodiscard]] std::span<const step> steps() const;
  [[nodiscard]] const step& latest_step() const;
  void enter(const step& next);
  void skip_to(job_stage stage);

  /// Sends a request whose answer only counts while the attempt that asked is being worked on; an
  /// error ends the attempt.
  template <class Answer, class Then, class Peer, class... Args>
  void ask(milliseconds timeout, const Peer& peer, Then then, Args... args);

  /// The same where an error has a meaning of its own.
  template <class Answer, class Then, class Else, class Peer, class... Args>
  void ask_or_else(milliseconds timeout, const Peer& peer, Then then, Else or_else, Args... args);

  /// A step with the image that was made was refused. A store or a codec that is away is waited
  /// for, as long as the attempt lasts: the image was paid for. Anything else ends the attempt.
  void retry_or_fail(const failure& error);

  /// The same where it is a store that has refused: whatever its reason, it may be mended, and a
  /// picture that was paid for waits for that.
  void await_store(const failure& error);
  void take_step_again(const failure& why, milliseconds pause);

  void mark_processing();
  void adopt_recorded_result();
  void prepare_pair();
  void record_source(const source_times& times);
  void open_call();
  void generate();
  void settle_call(const call_settlement& settlement);
  void finish_image();
  void cache_generated();
  void transform();
  void upload();
  void pass_point_of_no_return();
  void write_record();
  void notify();

  worker_context& context_;
  attempt_report& report_;
};

}  // namespace stayler::actors
