// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/formats/png_errors.hpp"

#include <cstdio>

namespace stayler::adapters {

void png_errors::leave(png_structp png, png_const_charp words) {
  auto* self = static_cast<png_errors*>(png_get_error_ptr(png));
  std::snprintf(self->words_, sizeof self->words_, "%s", words);
  std::longjmp(self->fatal_, 1);
}

void png_errors::pass_over(png_structp, png_const_charp) {}

}  // namespace stayler::adapters
