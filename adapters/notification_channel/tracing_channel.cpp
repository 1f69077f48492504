// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/tracing_channel.hpp"

#include "adapters/tracing/span_names.hpp"

#include <memory>
#include <string>
#include <utility>

namespace stayler::adapters {

namespace {

class tracing_channel final : public notification_channel {
 public:
  tracing_channel(std::unique_ptr<notification_channel> inner, span_buffer_ptr spans)
      : inner_(std::move(inner)), spans_(std::move(spans)) {}

  void deliver(const notification& event, completion done) override {
    open_span delivery = start_span(spans_, event.trace, span_names::notify, span_kind::client);
    if (!delivery) {
      inner_->deliver(event, std::move(done));
      return;
    }
    delivery->set(attributes::message_id, to_string(event.job))
        .set(attributes::event, event.event)
        .set(attributes::channel, inner_->name());
    notification traced = event;
    traced.trace = delivery->place;
    // A completion is copied on its way; what it holds is not.
    auto begun = std::make_shared<open_span>(std::move(delivery));
    inner_->deliver(
        traced,
        [spans = spans_, begun = std::move(begun),
         done = std::move(done)](const delivery_result& how) {
          if (!how.is_success()) {
            (*begun)->error = to_string(how.problem);
          }
          end_span(spans, *begun);
          done(how);
        }
    );
  }

  [[nodiscard]] std::string receiver_of(const notification& event) const override {
    return inner_->receiver_of(event);
  }

  [[nodiscard]] std::string name() const override { return inner_->name(); }

 private:
  std::unique_ptr<notification_channel> inner_;
  span_buffer_ptr spans_;
};

}  // namespace

std::unique_ptr<notification_channel> make_tracing_channel(
    std::unique_ptr<notification_channel> inner, span_buffer_ptr spans
) {
  return std::make_unique<tracing_channel>(std::move(inner), std::move(spans));
}

}  // namespace stayler::adapters
