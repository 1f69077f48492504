// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/request/body_reader.hpp"
#include "http/server/response_queue.hpp"
#include "http/server/server.hpp"
#include "http/server/tls/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// What all sessions of one server share. Used on the I/O thread only.
struct session_context {
  server_options options;
  handler handle;
  std::shared_ptr<response_queue> answers;
  bool is_draining = false;  ///< each connection ends with the answer that it waits for
  std::function<void(const std::shared_ptr<session>&)> on_closed;
  boost::asio::thread_pool* files = nullptr;  ///< for calls that wait for the disk
  std::list<session*> waiting = {};           ///< for a request; who has waited longest is first
  bool is_leaving = false;                    ///< each connection ends with its next answer
};

/// One connection: reads a request, has it answered, writes the answer, and so on until one side
/// has had enough. A request that is pipelined behind another waits its turn in the buffer. Lives
/// on the I/O thread; its deadlines are checked by the server's sweep. What throws in it closes it.
class session : public std::enable_shared_from_this<session> {
 public:
  using clock = std::chrono::steady_clock;

  /// `peer`: the address of the other side, or what a trusted proxy has said in its place.
  session(boost::asio::ip::tcp::socket socket, std::string peer, session_context& context);

  void start();

  /// Instead of start(), where there are too many connections: answers 503 to whatever comes, after
  /// the handshake where there is one.
  void refuse(std::string_view reason);

  /// Whose connection it is, as network_of() says; empty for a proxy's, which is many callers'.
  [[nodiscard]] const std::string& network() const noexcept { return network_; }

  /// Of a session that waits for a handshake or a request.
  [[nodiscard]] clock::time_point waiting_since() const noexcept { return waiting_since_; }

  /// What that request has waited for; ignored where it does not wait for it any more.
  void take(std::uint64_t request_number, response answer);
  void take(std::uint64_t request_number, stream_wake);
  void take(std::uint64_t request_number, next_part part);
  void take(std::uint64_t request_number, byte_room_ptr room);

  [[nodiscard]] bool is_overdue(clock::time_point now) const noexcept { return now >= deadline_; }

  /// To be called when overdue: answers 408 in the middle of a request, 503 to one that has found
  /// no memory, sends the heartbeat of a stream that has nothing else, and otherwise closes.
  void on_deadline();

  /// The server stops: closes an idle connection now and a busy one after its answer; ends a
  /// stream.
  void drain();

  void close();

 private:
  enum class phase : std::uint8_t {
    greeting,  ///< TLS's handshake
    waiting,
    reading,
    queued,  ///< for memory, with a body that is whole
    handling,
    writing,
    streaming,
    fetching,  ///< the next part of the answer
    lingering,
    closed
  };
  using error_code = boost::system::error_code;
  using request_parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  static constexpr std::size_t first_read_bytes = 2048;
  static constexpr std::size_t body_read_bytes = 16UL * 1024;

  /// What a body may have in memory while it is still on its way. A larger one waits in a file: a
  /// slow client must not hold megabytes.
  static constexpr std::size_t body_memory_bytes = 64UL * 1024;

  /// Runs a part of the session's work. Nobody else would close the connection where it throws.
  template <class Task>
  void attempt(Task task) {
    try {
      task();
    } catch (const std::exception& e) {
      close_after(e);
    }
  }

  /// A completion handler that calls `step` on this session, with what it is given.
  template <class Step>
  auto guard(Step step) {
    return [self = shared_from_this(), step](auto... arguments) {
      self->attempt([&] { step(*self, arguments...); });
    };
  }

  /// Has `work`, which waits for the disk, run elsewhere; `step` gets what it returns, here.
  template <class Work, class Step>
  void run_off_thread(Work work, Step step) {
    // The session's last reference must not go elsewhere: it moves along, and back.
    auto task = [work = std::move(work), done = guard(step),
                 io = connection_.get_executor()]() mutable {
      auto outcome = work();
      boost::asio::post(io, [done = std::move(done), outcome = std::move(outcome)]() mutable {
        done(std::move(outcome));
      });
    };
    boost::asio::post(*context_.files, std::move(task));
  }

  void close_after(const std::exception& e);

  void do_greet();
  void on_greeted(error_code ec);
  void begin();
  void do_wait();
  void join_waiting();
  void leave_waiting();
  void do_handle();
  void drop_body();

  // Reading (session_read.cpp).
  void do_read_head();
  void parse_head();
  void do_read_more(std::size_t at_most, void (session::*next)());
  void on_read_failure(error_code ec);
  void on_head();
  std::optional<response> take_head();
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;
  std::optional<response> check_body_rules(const body_framing& framing);
  void begin_body(const body_framing& framing);
  void expect_body();
  void do_continue();
  void take_body();
  void read_more_body();
  void on_body_in_memory();

  // A body that waits in a file (session_spool.cpp).
  [[nodiscard]] bool may_spool() const { return !context_.options.spool.folder.empty(); }
  bool find_room_for_body(const body_framing& framing);
  void do_spool();
  void on_spooled(const void_result& outcome);
  void do_queue();
  void do_load(byte_room_ptr room);
  void on_loaded(result<std::vector<std::byte>>& bytes, const byte_room_ptr& room);
  void refuse_for_room();
  void refuse_for_disk(const failure& why);

  // Writing (session_answer.cpp).
  response find_room_for_answer(response answer);
  void do_write(response answer);
  void prepare_head();
  void find_standing_headers(const request& head);
  void do_write_whole();
  void on_piece_written(error_code ec);
  void do_hand_over();
  void on_written(error_code ec);
  void do_linger();
  void do_discard();

  // The body in parts (session_parts.cpp).
  void do_write_part(shared_bytes bytes);
  void on_part_written(error_code ec);
  void do_fetch_part();

  // The body as a stream (session_stream.cpp): `writing` while a piece is under way, `streaming`
  // while there is none.
  void do_stream();
  void do_next_piece();
  void do_send(std::string bytes, bool is_last);
  void end_stream();
  void watch_peer();

  void reject(unsigned status, std::string_view title, std::string_view detail);
  void reject(response refusal);
  void set_deadline(clock::duration from_now) { deadline_ = clock::now() + from_now; }

  connection connection_;
  session_context& context_;
  std::string peer_;
  bool is_proxy_;  ///< that may say for whom it calls
  std::string network_;
  std::list<session*> own_place_{this};  ///< but while it is among those that wait
  std::list<session*>::iterator place_ = own_place_.begin();
  clock::time_point waiting_since_{};
  phase phase_ = phase::waiting;
  std::string refusal_;  ///< why nothing is served here; empty: it is
  clock::time_point deadline_ = clock::time_point::max();
  boost::beast::flat_buffer buffer_;
  std::optional<request_parser> parser_;

  // The request that is being served.
  std::uint64_t request_number_ = 0;
  request request_;
  std::size_t head_bytes_ = 0;  ///< as far as they are parsed
  std::size_t body_limit_ = 0;
  std::optional<body_reader> incoming_;  ///< while a body is being read
  byte_room_ptr body_room_;              ///< while it arrives
  std::shared_ptr<spool_file> spool_;    ///< where the body waits, if not in memory
  line_place place_in_line_;             ///< while it waits for memory
  clock::time_point body_begun_{};
  bool expects_continue_ = false;
  bool is_http_1_0_ = false;
  bool closes_ = false;  ///< with the answer to it
  bool is_timed_out_ = false;

  // The answer that is being written.
  std::string method_;
  std::string request_id_;
  const standing_headers* standing_headers_ = nullptr;  ///< of that answer; null: none
  response answer_;
  std::string head_;
  boost::asio::const_buffer body_;
  std::size_t discarded_bytes_ = 0;  ///< since the connection has begun to linger
  std::string piece_;                ///< of a stream, as it goes over the wire
  std::uint64_t next_offset_ = 0;    ///< of what is still to be fetched of an answer in parts,
  std::uint64_t left_bytes_ = 0;     ///< and how much that is
};

}  // namespace stayler::http
