// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/limits/capacity_publisher.hpp"
#include "actors/provider/limits/limit_memory.hpp"
#include "actors/provider/limits/peer_exchange.hpp"
#include "actors/provider/limits/permit_table.hpp"
#include "actors/provider/limits/provider_limits_impl.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "messages/protocol.hpp"
#include "policies/provider/limits/daily_budget.hpp"
#include "policies/provider/model_pool.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stayler::actors {

struct provider_limits_options {
  std::shared_ptr<const adapters::wall_clock> clock;
  settings config;
  metrics_actor metrics;
  record_io_actor records;        ///< keeps what was spent and found; null: nobody does
  limit_exchange_actor exchange;  ///< where others who share the limits are met; it ends with this
                                  ///< actor. null: there are none
  std::string instance_id;        ///< of this process, as the exchange knows it
  milliseconds longest_wait{15'000};   ///< for the provider to open; a job that would wait longer
                                       ///< goes back to the queue
  milliseconds permit_margin{30'000};  ///< how long after its deadline a call may be settled
};

/// Decides for all nodes when a call to the provider may be made, with which key and to which
/// model: as often and as many at a time as the provider can take, not at all while it is away, and
/// never beyond a budget. Where several coordinators share the limits, each keeps to its part of
/// them, by what the others publish there. A permit outlives neither its holder nor its deadline by
/// much.
class provider_limits_state {
 public:
  static inline const char* name = "provider_limits";

  using pointer = provider_limits_impl::stateful_pointer<provider_limits_state>;

  explicit provider_limits_state(pointer self);

  provider_limits_impl::behavior_type make_behavior(provider_limits_options options);

 private:
  using clock_time = policies::model_pool::clock_time;

  // The public interface.
  caf::result<call_permit> admit(call_request& request);
  void settle(const call_outcome& outcome);
  void abort(const attempt_id& attempt);
  void share_workers(std::uint32_t joined);
  void watch(queue_actor queue);
  void change_settings(settings& changed);
  provider_status status();
  spending_report report_spending();

  struct open_request {
    call_request wanted;
    reply_promise<call_permit> answer;
    clock_time ends_at;
    caf::actor_addr holder;
  };

  using request_map = std::map<attempt_id, open_request>;

  void configure();
  [[nodiscard]] policies::peer_record snapshot();
  /// What the other coordinators have used and found out counts here, too.
  void merge(const std::vector<policies::peer_record>& others, std::size_t rank);
  void begin(const std::vector<found_limit>& found);
  void load_spending();
  /// Gives out what permits there are; called whenever something may have opened.
  void serve_waiting();
  /// False: nobody behind that request gets a permit now either.
  bool serve(request_map::iterator request, std::deque<attempt_id>& passed_over);
  /// The same, once the budgets have room for the call.
  bool give_permit(request_map::iterator request);
  void hold_waiting(const policies::model_pool::closure& shut);
  void refuse(request_map::iterator request, const failure& why);
  void hold(request_map::iterator request, timestamp until, const std::string& reason);
  void revoke(const attempt_id& attempt, const permit& given);
  void holder_down(const caf::actor_addr& holder);
  void book(const attempt_id& attempt, const std::string& user, const spending& cost);
  void count(const call_outcome& outcome);
  void wake_at(clock_time when);
  void reopen();
  void expire();
  void expire_later();
  void keep_limits();
  [[nodiscard]] provider_capacity capacity();
  void publish_capacity();

  [[nodiscard]] clock_time now() const { return self_->clock().now(); }
  [[nodiscard]] timestamp date() const { return options_.clock->now(); }

  pointer self_;
  provider_limits_options options_;
  peer_exchange peers_;
  limit_memory memory_;
  policies::model_pool models_;
  policies::daily_budget budget_;
  bool knows_spending_ = false;

  request_map requests_;
  std::deque<attempt_id> waiting_;  ///< those that have gone are skipped
  permit_table permits_;
  std::set<caf::actor_addr> holders_;
  bool is_expiry_due_ = false;

  capacity_publisher publisher_;
  std::optional<clock_time> wakes_at_;
  provider_status status_;
  std::uint32_t workers_ = 0;            ///< that have joined here
  std::uint32_t workers_of_others_ = 0;  ///< and at the other coordinators
};

provider_limits_impl::behavior_type provider_limits(
    provider_limits_state::pointer self, provider_limits_options options
);

}  // namespace stayler::actors
