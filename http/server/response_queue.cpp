// SPDX-License-Identifier: MIT
#include "http/server/response_queue.hpp"

#include "adapters/log/log.hpp"
#include "http/server/session/session.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <utility>

namespace stayler::http {

namespace {

using adapters::logs::http::log;

class session_responder final : public responder {
 public:
  session_responder(
      std::shared_ptr<response_queue> answers,
      std::weak_ptr<session> receiver,
      std::uint64_t request_number,
      std::string request_id
  )
      : answers_(std::move(answers)),
        receiver_(std::move(receiver)),
        request_number_(request_number),
        request_id_(std::move(request_id)) {}

  session_responder(const session_responder&) = delete;
  session_responder& operator=(const session_responder&) = delete;

  ~session_responder() override {
    if (!is_sent_) {
      log.error("a request was dropped without an answer", {{"requestId", request_id_}});
      send(make_problem(500, "Internal Server Error", "the request was dropped"));
    }
  }

  void send(response answer) override {
    if (is_sent_.exchange(true)) {
      log.error("a request was answered twice", {{"requestId", request_id_}});
      return;
    }
    answers_->put({std::move(receiver_), request_number_, std::move(answer)});
  }

 private:
  std::shared_ptr<response_queue> answers_;
  std::weak_ptr<session> receiver_;
  std::uint64_t request_number_;
  std::string request_id_;
  std::atomic<bool> is_sent_ = false;
};

}  // namespace

void response_queue::put(pending_response item) {
  const std::lock_guard lock{mutex_};
  if (io_ == nullptr) {
    return;
  }
  items_.push_back(std::move(item));
  if (items_.size() == 1 && !is_held_) {
    boost::asio::post(*io_, [self = shared_from_this()] { self->deliver(); });
  }
}

void response_queue::hold() {
  const std::lock_guard lock{mutex_};
  is_held_ = true;
}

void response_queue::release() {
  {
    const std::lock_guard lock{mutex_};
    is_held_ = false;
    if (items_.empty()) {
      return;
    }
  }
  deliver();
}

void response_queue::close() {
  std::vector<pending_response> dropped;  // without the lock: who waits for their room comes here
  const std::lock_guard lock{mutex_};
  io_ = nullptr;
  dropped.swap(items_);
}

void response_queue::deliver() {
  std::vector<pending_response> items;
  {
    const std::lock_guard lock{mutex_};
    items.swap(items_);
  }
  for (auto& item : items) {
    // Only here, on the I/O thread, may a session be held: elsewhere the last reference could go.
    if (const auto receiver = item.receiver.lock()) {
      std::visit(
          [&](auto& news) { receiver->take(item.request_number, std::move(news)); }, item.news
      );
    }
  }
}

responder_ptr make_responder(
    std::shared_ptr<response_queue> answers,
    std::weak_ptr<session> receiver,
    std::uint64_t request_number,
    std::string request_id
) {
  return std::make_shared<session_responder>(
      std::move(answers), std::move(receiver), request_number, std::move(request_id)
  );
}

}  // namespace stayler::http
