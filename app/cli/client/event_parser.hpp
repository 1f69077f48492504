// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stayler::cli {

/// One event of a text/event-stream.
struct stream_event {
  std::string name = "message";
  std::string data;
  std::string id;  ///< the latest id that the stream has given
};

/// Takes a text/event-stream apart, whatever pieces it comes in (WHATWG HTML, 9.2.6). Comments give
/// no event. An event that is cut off by the end of the stream is none.
class event_parser {
 public:
  /// Gives each event that is whole now; false from `take` ends it.
  bool feed(std::string_view bytes, const std::function<bool(const stream_event&)>& take);

  [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

 private:
  bool take_line(std::string_view line, const std::function<bool(const stream_event&)>& take);

  std::string rest_;  ///< of a line that is not whole
  stream_event next_;
  bool has_data_ = false;
  std::string last_id_;
};

}  // namespace stayler::cli
