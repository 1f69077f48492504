// SPDX-License-Identifier: MIT
#pragma once

#include <csetjmp>
#include <png.h>
#include <string>

namespace stayler::adapters {

/// What libpng says about a picture. A fatal error leaves the library by a jump: what is called
/// through `attempt` holds no object with a destructor.
class png_errors {
 public:
  png_errors() = default;
  png_errors(const png_errors&) = delete;
  png_errors& operator=(const png_errors&) = delete;

  /// Runs `work`; false where a fatal error ended it.
  template <class Work>
  bool attempt(Work work) {
    if (setjmp(fatal_) != 0) {
      return false;
    }
    work();
    return true;
  }

  /// The library's words for the fatal error.
  [[nodiscard]] std::string words() const { return words_; }

  /// For png_create_..._struct, with this object as the pointer that the library hands on.
  static void leave(png_structp png, png_const_charp words);
  static void pass_over(png_structp png, png_const_charp words);

 private:
  std::jmp_buf fatal_{};
  char words_[96]{};
};

}  // namespace stayler::adapters
