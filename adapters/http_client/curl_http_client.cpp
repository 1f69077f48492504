// SPDX-License-Identifier: MIT
#include "adapters/http_client/curl_http_client.hpp"

#include "adapters/http_client/curl_transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <optional>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <unordered_map>

// One thread, one epoll set and curl's multi_socket interface: a wake-up costs what has happened,
// not what is open, so that thousands of calls that wait for a slow answer cost nothing.

namespace stayler::adapters {

namespace {

using steady_clock = std::chrono::steady_clock;

struct multi_deleter {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};

/// A file descriptor that is closed at the end.
class descriptor {
 public:
  descriptor(int fd, const char* what) : fd_(fd) {
    if (fd_ < 0) {
      throw std::system_error{errno, std::generic_category(), what};
    }
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { ::close(fd_); }

  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

class curl_http_client final : public http_client {
 public:
  curl_http_client(std::size_t max_connections, address_rule may_connect, outgoing_calls outgoing)
      : may_connect_(std::move(may_connect)),
        outgoing_(may_connect_ ? outgoing.without_proxy() : std::move(outgoing)),
        events_(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"),
        wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"),
        multi_(curl_multi_init()) {
    if (!multi_) {
      throw std::bad_alloc{};
    }
    const auto limit = static_cast<long>(max_connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, limit);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, limit);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = wake_up_.get();
    ::epoll_ctl(events_.get(), EPOLL_CTL_ADD, wake_up_.get(), &event);
    thread_ = std::thread{[this] { run(); }};
  }

  ~curl_http_client() override {
    post(stop_order{});
    thread_.join();
  }

  http_ticket send(http_request request, completion done) override {
    auto call = std::make_unique<curl_transfer>();
    call->request = std::move(request);
    call->done = std::move(done);
    call->may_connect = may_connect_ ? &may_connect_ : nullptr;
    call->outgoing = &outgoing_;
    const std::scoped_lock lock{mutex_};
    const auto ticket = http_ticket{++last_ticket_};
    call->ticket = ticket;
    append(std::move(call));
    return ticket;
  }

  void cancel(http_ticket ticket) override { post(ticket); }

 private:
  struct stop_order {};
  using order = std::variant<std::unique_ptr<curl_transfer>, http_ticket, stop_order>;

  void post(order what) {
    const std::scoped_lock lock{mutex_};
    append(std::move(what));
  }

  /// With the mutex held. One wake-up serves all orders that come until it is heard.
  void append(order what) {
    if (inbox_.empty()) {
      const std::uint64_t one = 1;
      static_cast<void>(::write(wake_up_.get(), &one, sizeof one));
    }
    inbox_.push_back(std::move(what));
  }

  std::vector<order> take_orders() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(inbox_, {});
  }

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
    static_cast<curl_http_client*>(self)->watch(fd, what);
    return 0;
  }

  static int on_timer(CURLM*, long timeout_ms, void* self) noexcept {
    auto& deadline = static_cast<curl_http_client*>(self)->deadline_;
    deadline.reset();
    if (timeout_ms >= 0) {
      deadline = steady_clock::now() + milliseconds{timeout_ms};
    }
    return 0;
  }

  void watch(curl_socket_t fd, int what) noexcept {
    epoll_event event{};
    event.events =
        ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
    event.data.fd = fd;
    if (what == CURL_POLL_REMOVE) {
      ::epoll_ctl(events_.get(), EPOLL_CTL_DEL, fd, &event);
    } else if (::epoll_ctl(events_.get(), EPOLL_CTL_MOD, fd, &event) != 0) {
      ::epoll_ctl(events_.get(), EPOLL_CTL_ADD, fd, &event);
    }
  }

  /// The client's thread. It takes no signals: those are the program's business. A program that has
  /// not decided what becomes of SIGPIPE, which OpenSSL raises, goes on as well.
  void run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (obey(take_orders())) {
      handle_events();
      collect_finished();
    }
    refuse_all();
  }

  /// False once the client is to end.
  bool obey(std::vector<order> orders) {
    bool goes_on = true;
    for (auto& what : orders) {
      if (auto* call = std::get_if<std::unique_ptr<curl_transfer>>(&what)) {
        start(std::move(*call));
      } else if (const auto* ticket = std::get_if<http_ticket>(&what)) {
        abort(*ticket);
      } else {
        goes_on = false;
      }
    }
    return goes_on;
  }

  void start(std::unique_ptr<curl_transfer> call) {
    if (!prepare(*call) || curl_multi_add_handle(multi_.get(), call->easy.get()) != CURLM_OK) {
      call->done(http_error{
          {error_class::internal_bug, "the request cannot be put into HTTP", {}}, false});
      return;
    }
    calls_.emplace(call->ticket, std::move(call));
  }

  bool start_over(curl_transfer& call) {
    curl_multi_remove_handle(multi_.get(), call.easy.get());
    return curl_multi_add_handle(multi_.get(), call.easy.get()) == CURLM_OK;
  }

  void abort(http_ticket ticket) {
    if (auto node = calls_.extract(ticket)) {
      auto outcome = cancelled(*node.mapped());
      finish(std::move(node.mapped()), std::move(outcome));
    }
  }

  void finish(
      std::unique_ptr<curl_transfer> call, std::variant<http_response, http_error> outcome
  ) {
    curl_multi_remove_handle(multi_.get(), call->easy.get());
    const auto done = std::move(call->done);
    call.reset();
    done(std::move(outcome));
  }

  void handle_events() {
    std::array<epoll_event, 256> happened;
    const int count = ::epoll_wait(
        events_.get(), happened.data(), static_cast<int>(happened.size()), time_to_deadline()
    );
    for (int i = 0; i < count; ++i) {
      handle(happened[static_cast<std::size_t>(i)]);
    }
    if (deadline_ && *deadline_ <= steady_clock::now()) {
      deadline_.reset();
      act(CURL_SOCKET_TIMEOUT, 0);
    }
  }

  void handle(const epoll_event& event) {
    if (event.data.fd == wake_up_.get()) {
      std::uint64_t ignored = 0;
      static_cast<void>(::read(wake_up_.get(), &ignored, sizeof ignored));
      return;
    }
    const bool is_broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    const bool is_readable = (event.events & EPOLLIN) != 0;
    const bool is_writable = (event.events & EPOLLOUT) != 0;
    act(event.data.fd, (is_readable ? CURL_CSELECT_IN : 0) | (is_writable ? CURL_CSELECT_OUT : 0)
                           | (is_broken ? CURL_CSELECT_ERR : 0));
  }

  void act(curl_socket_t fd, int happened) {
    int running = 0;
    curl_multi_socket_action(multi_.get(), fd, happened, &running);
  }

  /// In whole milliseconds, rounded up: an early wake-up would find nothing to do.
  [[nodiscard]] int time_to_deadline() const {
    if (!deadline_) {
      return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(*deadline_ - steady_clock::now());
    return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000));
  }

  void collect_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) {
        continue;
      }
      const CURLcode code = message->data.result;
      curl_transfer* call = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
      if (may_start_over(*call, code) && start_over(*call)) {
        continue;
      }
      auto node = calls_.extract(call->ticket);
      finish(std::move(node.mapped()), outcome_of(*call, code));
    }
  }

  /// Ends all there is, and what its completions send anew.
  void refuse_all() {
    for (auto orders = take_orders(); !orders.empty() || !calls_.empty(); orders = take_orders()) {
      obey(std::move(orders));
      while (!calls_.empty()) {
        abort(calls_.begin()->first);
      }
    }
  }

  const address_rule may_connect_;
  const outgoing_calls outgoing_;

  // Only the client's thread touches these, once it runs. The descriptors outlive curl's handle,
  // which still calls back while it closes its connections.
  descriptor events_;
  descriptor wake_up_;
  std::optional<steady_clock::time_point> deadline_;
  std::unique_ptr<CURLM, multi_deleter> multi_;
  std::unordered_map<http_ticket, std::unique_ptr<curl_transfer>> calls_;

  std::mutex mutex_;
  std::vector<order> inbox_;
  std::uint64_t last_ticket_ = 0;

  std::thread thread_;
};

}  // namespace

std::unique_ptr<http_client> make_curl_http_client(
    std::size_t max_connections, address_rule may_connect, outgoing_calls outgoing
) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return std::make_unique<curl_http_client>(
      max_connections, std::move(may_connect), std::move(outgoing)
  );
}

}  // namespace stayler::adapters
