// SPDX-License-Identifier: MIT
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <string>

namespace stayler::adapters {

/// What libjpeg says about a picture. A fatal error leaves the library by a jump: what is called
/// through `attempt` holds no object with a destructor.
class jpeg_errors {
 public:
  jpeg_errors();
  jpeg_errors(const jpeg_errors&) = delete;
  jpeg_errors& operator=(const jpeg_errors&) = delete;

  /// For the library's structure; as long as this object lives.
  [[nodiscard]] jpeg_error_mgr* manager() noexcept { return &handlers_.base; }

  /// Runs `work`; false where a fatal error ended it.
  template <class Work>
  bool attempt(Work work) {
    if (setjmp(handlers_.fatal) != 0) {
      return false;
    }
    work();
    return true;
  }

  /// The library's words for the fatal error. Throws std::bad_alloc where that was want of memory.
  [[nodiscard]] std::string words() const;

  /// What the first warning about lost pixels means for the picture; null where none came.
  [[nodiscard]] const char* loss() const noexcept { return handlers_.loss; }

 private:
  /// What the library hands to its callbacks, so that it begins with the library's own structure.
  struct handlers {
    jpeg_error_mgr base;
    std::jmp_buf fatal;
    const char* loss;
    char words[JMSG_LENGTH_MAX];
  };

  static void leave(j_common_ptr codec);
  static void note(j_common_ptr codec, int level);

  handlers handlers_{};
};

}  // namespace stayler::adapters
